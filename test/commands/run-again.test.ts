import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asRun, INPUT, quick, startRunWorld, tickets, type RunWorld } from '../support/run-world.js';

describe('batch run: the second time', () => {
  let world: RunWorld;
  before(async () => {
    world = await startRunWorld({ outcome: ({ customId }) => (customId === 'bad' ? 'errored' : undefined) });
  });
  after(() => world.close());

  const created = (): number => world.sandbox.created().length;
  /** The same question in each test would find the runs of the others. */
  const ask = async (prompt: string, more: readonly string[]) =>
    await world.run([
      'batch',
      'run',
      '--input',
      'tickets.csv',
      '--prompt',
      `${prompt} {{ text }}`,
      ...quick(),
      ...more,
    ]);

  it('needs a yes where there is nobody to ask, and prints the command that goes on', async () => {
    const { code, stderr, stdout } = await ask('one', ['--name', 'one']);
    expect(code).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr).to.match(/Price +\$[\d.]+ for the input, at most \$[\d.]+/);
    expect(stderr).to.match(/Batches +1, [\d.]+ kB in all/);
    expect(stderr).to.include(
      'Try: Agree to it with --yes: instructor batch run --resume .instructor/runs/one --yes',
    );
    expect(created()).to.equal(0);
    const resumed = await world.resume('one', ['--yes']);
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(resumed.stdout).to.equal('.instructor/runs/one/results.jsonl\n');
  });

  it('the same command finds its own run, offers it, and sends nothing a second time', async () => {
    const before = created();
    const first = await ask('two', ['--yes', '--name', 'two']);
    expect(first.code, first.stderr).to.equal(0);
    const second = await ask('two', []);
    expect(second.code).to.equal(2);
    expect(second.stderr).to.include('The run .instructor/runs/two asks the same, and is finished');
    expect(second.stderr).to.include(
      'instructor batch run --resume .instructor/runs/two; or ask all of it again: --new',
    );
    const third = await ask('two', ['--yes']);
    expect(third.code).to.equal(0);
    expect(third.stderr).to.match(
      /^Note: The run .* asks the same.*\nThe run two is finished since .*; nothing was sent\n$/,
    );
    expect(created()).to.equal(before + 1);
    const again = await ask('two', ['--yes', '--new', '--name', 'two-again']);
    expect(again.code).to.equal(0);
    expect(created()).to.equal(before + 2);
  });

  it('--dry-run sends nothing, not even of a run that was agreed to, and needs no key', async () => {
    const env = { OPENAI_API_KEY: undefined };
    const before = created();
    const more = ['--max-requests', '3', '--max-in-flight', '1', '--yes', '--detach'];
    expect((await world.begin('dry', more)).code).to.equal(0);
    expect(created()).to.equal(before + 1);
    const { code, stdout, stderr } = await world.resume('dry', ['--dry-run'], { env });
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal('.instructor/runs/dry\n');
    expect(stderr).to.include('Nothing was sent. To go on:');
    expect(created()).to.equal(before + 1);
  });

  it('writes the answers of a finished run into another file when that is wanted', async () => {
    const before = created();
    expect((await ask('three', ['--yes', '--name', 'three', '--output', 'three.csv'])).code).to.equal(0);
    const { code, stdout, stderr } = await ask('three', ['--yes', '--output', 'three.jsonl']);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal('three.jsonl\n');
    expect(await world.rows('three.jsonl')).to.have.length(6);
    expect(created()).to.equal(before + 1);
    const verified = await world.run(['batch', 'run', 'verify', 'three']);
    expect(verified.code, verified.stderr).to.equal(0);
  });

  it('replaces a file of the user only with --force, whatever other file it has written before', async () => {
    await world.write('mine.csv', 'mine');
    const refused = await ask('four', ['--yes', '--name', 'four', '--output', 'mine.csv']);
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.include('mine.csv');
    expect(existsSync(join(world.folder, world.runFile('four', 'run.json')))).to.equal(false);
    const args = [
      '--yes',
      '--name',
      'four',
      '--max-cost',
      '0.00091',
      '--max-requests',
      '3',
      '--output',
      'part.csv',
    ];
    const part = await ask('four', args);
    expect(part.code, part.stderr).to.equal(1);
    const before = created();
    const resumed = await world.resume('four', ['--max-cost', '1', '--output', 'mine.csv']);
    expect(resumed.code).to.equal(2);
    expect(created(), 'said before anything is sent').to.equal(before);
    expect(await world.read('mine.csv')).to.equal('mine');
    const forced = await world.resume('four', ['--max-cost', '1', '--output', 'mine.csv', '--force']);
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await world.read('mine.csv')).to.include('ticket number 5');
  });

  it('ends with 6 each time if rows failed', async () => {
    await world.write('bad.csv', 'id,text\nbad,one\ngood,two\n');
    const args = [
      'batch',
      'run',
      '--input',
      'bad.csv',
      '--prompt',
      '{{ text }}',
      '--id-column',
      'id',
      '--yes',
      ...quick(),
    ];
    const first = await world.run([...args, '--name', 'bad', '--json']);
    expect(first.code, first.stderr).to.equal(6);
    expect(asRun(first.stdout).outcomes).to.deep.equal({ succeeded: 1, errored: 1 });
    expect((await world.run(args)).code).to.equal(6);
  });

  it('leaves nothing of a run that could not be planned, so that the same directory can be used', async () => {
    const args = ['batch', 'run', '--input', 'tickets.csv', '--run-dir', 'mine', '--yes', ...quick()];
    const wrong = await world.run([...args, '--prompt', 'five {{ nothing }}']);
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.include('names "nothing"');
    expect(existsSync(join(world.folder, 'mine'))).to.equal(false);
    const right = await world.run([...args, '--prompt', 'five {{ text }}']);
    expect(right.code, right.stderr).to.equal(0);
    const other = await world.run([...args, '--prompt', 'other {{ text }}']);
    expect(other.code).to.equal(2);
    expect(other.stderr).to.include('holds a run already');
    await mkdir(join(world.folder, 'full'));
    await writeFile(join(world.folder, 'full/notes.txt'), 'mine');
    const full = await world.run(['batch', 'run', ...INPUT, '--run-dir', 'full', '--yes', '--new']);
    expect(full.code).to.equal(2);
    expect(full.stderr).to.include('is not empty, and not a run');
  });

  it('is told that the response model has changed; with the old one it goes on', async () => {
    const model = await world.read('label.ts');
    const planned = await world.begin('model', ['--response-model', 'label.ts#Label', '--dry-run']);
    expect(planned.code, planned.stderr).to.equal(0);
    await world.write('label.ts', model.replace("'HAM'", "'EGGS'"));
    const changed = await world.resume('model', ['--yes']);
    await world.write('label.ts', model);
    expect(changed.code).to.equal(5);
    expect(changed.stderr).to.match(/The response model .*label\.ts#Label has changed since the run began/);
    expect((await world.resume('model', ['--yes'])).code).to.equal(0);
  });

  it('does not mind that the prompt changed once it is planned: it asks what it asked for', async () => {
    await world.write('other.md', 'First {{ text }}');
    const args = ['--input', 'tickets.csv', '--prompt', 'other.md', '--name', 'prompt', '--dry-run'];
    expect((await world.run(['batch', 'run', ...args])).code).to.equal(0);
    await world.write('other.md', 'Second {{ text }}');
    expect((await world.resume('prompt', ['--yes'])).code).to.equal(0);
    expect(await world.read(world.runFile('prompt', 'requests/s0001.jsonl'))).to.include(
      'First ticket number 5',
    );
  });

  it('is told that the input changed or is gone before the answers are written beside it', async () => {
    await world.write('moving.csv', tickets());
    const args = [
      '--input',
      'moving.csv',
      '--prompt',
      'moving {{ text }}',
      '--id-column',
      'id',
      '--output',
      'moved.csv',
    ];
    expect((await world.run(['batch', 'run', ...args, '--name', 'moving', '--dry-run'])).code).to.equal(0);
    await world.write('moving.csv', tickets().replace('ticket number 3', 'another ticket'));
    const { code, stderr } = await world.resume('moving', ['--yes']);
    expect(code, stderr).to.equal(5);
    expect(stderr).to.match(/moving\.csv has changed since the run began/);
    expect(existsSync(join(world.folder, 'moved.csv'))).to.equal(false);
    await rm(join(world.folder, 'moving.csv'));
    expect((await world.resume('moving', ['--yes'])).code).to.not.equal(0);
    await world.write('moving.csv', tickets());
    const back = await world.resume('moving', ['--yes']);
    expect(back.code, back.stderr).to.equal(0);
    expect(await readFile(join(world.folder, 'moved.csv'), 'utf8')).to.include('t5,ticket number 5,');
  });
});
