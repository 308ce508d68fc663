import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  fingerprintOf,
  readSettings,
  sorted,
  writeSettings,
  type RunSettings,
} from '../../../src/runs/store/run-settings.js';
import { failureOf } from '../../support/failure-of.js';
import { settings } from '../support/fake-run.js';

const table = (prompt: { given: string; text: string }, more: Partial<RunSettings> = {}): RunSettings => ({
  ...settings(),
  input: { path: '/a.csv', name: 'a.csv', bytes: 3, sha256: 'abc', kind: 'table', table: { prompt } },
  ...more,
});

describe('run.json', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-settings-'));
    path = join(folder, 'run.json');
  });
  after(() => rm(folder, { recursive: true }));

  it('is read as it was written, also with keys that an older program did not know', async () => {
    await writeSettings(path, settings());
    expect(await readSettings(path)).to.deep.equal(JSON.parse(JSON.stringify(settings())));
    await writeFile(path, JSON.stringify({ ...settings(), format: 1, later: true }));
    expect(await readSettings(path)).to.include({ name: 'run' });
    await failureOf(() => writeSettings(path, settings()));
  });

  it('of a newer program is refused with words', async () => {
    await writeFile(path, JSON.stringify({ ...settings(), format: 2, version: '9.1.0' }));
    const { message, hint, kind } = await failureOf(() => readSettings(path));
    expect(message).to.include('was written by a newer instructor (9.1.0)');
    expect([hint, kind]).to.deep.equal(['Use that version, or a later one', 'state']);
  });

  it('that is damaged, or something else, is named', async () => {
    await writeFile(path, '{"format": 1');
    expect((await failureOf(() => readSettings(path))).message).to.include(`${path} is damaged`);
    for (const other of ['{"name":"x"}', 'null', '3']) {
      await writeFile(path, other);
      expect((await failureOf(() => readSettings(path))).message).to.include('is not the run.json of a run');
    }
  });

  it('has the same fingerprint for every order of keys, and for a prompt from a file or from the command line', () => {
    const text = 'Ask {{ it }}';
    const fromFile = fingerprintOf(table({ given: '/prompt.md', text }));
    expect(fingerprintOf(table({ given: text, text }))).to.equal(fromFile);
    const params = { a: 1, b: { c: 2, d: [1, 2] } };
    const turned = { b: { d: [1, 2], c: 2 }, a: 1 };
    const withParams = (given: Record<string, unknown>): string =>
      fingerprintOf(table({ given: text, text }, { request: { ...settings().request, params: given } }));
    expect(withParams(params)).to.equal(withParams(turned)).and.to.not.equal(fromFile);
    expect(withParams({ ...params, b: { c: 2, d: [2, 1] } })).to.not.equal(withParams(params));
  });

  it('has another one for whatever changes what is asked, and the same for how it is sent', () => {
    const one = table({ given: 'x', text: 'x' });
    const same = fingerprintOf(one);
    const others: Partial<RunSettings>[] = [
      { model: 'n' },
      { provider: 'other' },
      { endpoint: '/v2' },
      { input: { ...one.input, sha256: 'def' } },
      { schema: { reference: 'a', name: 'A', jsonSchema: {}, sha256: 's' } },
      { request: { ...one.request, temperature: { value: 1, explicit: true } } },
    ];
    for (const other of others) expect(fingerprintOf({ ...one, ...other })).to.not.equal(same);
    const { policy } = settings({ maxCostUsd: 3 });
    const sent: Partial<RunSettings>[] = [
      { policy },
      { limits: { maxRequests: 1 } },
      { name: 'n' },
      { id: 'i' },
    ];
    for (const other of sent) expect(fingerprintOf({ ...one, ...other })).to.equal(same);
  });

  it('sorts keys at every depth, and leaves lists as they are', () => {
    expect(JSON.stringify(sorted({ b: [{ d: 1, c: null }], a: undefined, A: 1 }))).to.equal(
      '{"A":1,"b":[{"c":null,"d":1}]}',
    );
  });
});
