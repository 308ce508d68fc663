import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Journal, readJournal } from '../../../src/runs/store/journal.js';
import { failureOf, thrownBy } from '../../support/failure-of.js';
import { linesOf } from '../../support/world.js';

describe('the journal of a run', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-journal-'));
    path = join(folder, 'journal.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps events in the order of the calls, each in a line with its time', async () => {
    const journal = await Journal.create(path);
    await Promise.all(Array.from({ length: 50 }, (_, tokens) => journal.append({ event: 'limit', tokens })));
    await journal.close();
    const lines = linesOf(await readFile(path, 'utf8'));
    expect(lines.map(({ tokens }) => tokens)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
    for (const { at } of lines) expect(at).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('has an event on disk before it says so', async () => {
    const journal = await Journal.create(path);
    const recorded = await journal.append({ event: 'deadline' });
    expect(await readFile(path, 'utf8')).to.equal(`${JSON.stringify(recorded)}\n`);
    await journal.close();
  });

  it('removes a last line that was half written, goes on behind it, and says how much it was', async () => {
    const first = await Journal.create(path);
    await first.append({ event: 'deadline' });
    await first.close();
    // A character of several bytes, cut in the middle.
    const half = Buffer.from('{"at":"now","event":"stopped","message":"grü').subarray(0, -1);
    await appendFile(path, half);
    const only = await readJournal(path);
    expect(only).to.include({ cut: half.length });
    expect((await stat(path)).size, 'reading changes nothing').to.equal(only.wholeBytes + half.length);
    const { journal, events, cut } = await Journal.open(path);
    expect(cut).to.equal(half.length);
    expect(events.map(({ event }) => event)).to.deep.equal(['deadline']);
    await journal.append({ event: 'cancelled' });
    await journal.close();
    expect((await readJournal(path)).events.map(({ event }) => event)).to.deep.equal([
      'deadline',
      'cancelled',
    ]);
  });

  it('takes a journal of half a line for an empty one', async () => {
    await writeFile(path, '{"at":"now"');
    const { journal, events, cut } = await Journal.open(path);
    expect([events.length, cut]).to.deep.equal([0, 11]);
    await journal.close();
    expect((await stat(path)).size).to.equal(0);
  });

  it('refuses one with a damaged line in the middle, with the number of the line', async () => {
    const damaged = '{"at":"a","event":"deadline"}\n{"at":"b","eve\n{"at":"c","event":"cancelled"}\n';
    await writeFile(path, damaged);
    const failure = await failureOf(() => Journal.open(path));
    expect(failure.message).to.equal(`${path}:2: the journal is damaged: this is no event`);
    expect(failure.hint).to.include('Restore the file from a copy');
    expect(await readFile(path, 'utf8')).to.equal(damaged);
  });

  it('refuses lines that are JSON, but no event', async () => {
    for (const line of ['null', '7', '[]', '{}', '{"event":"deadline"}']) {
      await writeFile(path, `${line}\n`);
      expect((await failureOf(() => readJournal(path))).message).to.include(':1: the journal is damaged');
    }
  });

  it('is not begun a second time', async () => {
    await (await Journal.create(path)).close();
    await thrownBy(() => Journal.create(path));
  });

  it('takes nothing more after a write that failed: no event without those before it', async () => {
    const journal = await Journal.create(path);
    await journal.append({ event: 'deadline' });
    await journal.close();
    await thrownBy(() => journal.append({ event: 'cancelled' }));
    await thrownBy(() => journal.append({ event: 'deadline' }));
    expect(linesOf(await readFile(path, 'utf8'))).to.have.length(1);
  });
});
