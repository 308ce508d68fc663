import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFaultFlag } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { startRunWorld, tickets, type RunWorld } from '../support/run-world.js';

describe('batch run: what it does not do', () => {
  let world: RunWorld;
  before(async () => {
    world = await startRunWorld();
  });
  after(() => world.close());
  afterEach(() => world.sandbox.setFaults([]));

  const runs = async (name: string, more: readonly string[]): Promise<void> => {
    const { code, stderr } = await world.begin(name, ['--yes', ...more]);
    expect(code, stderr).to.equal(0);
  };

  it('never writes over its input, also when it is taken up again', async () => {
    await runs('input', ['--output', 'input.out.csv']);
    const { code, stderr } = await world.resume('input', ['--output', 'tickets.csv', '--force']);
    expect(code).to.equal(2);
    expect(stderr).to.include('tickets.csv is also what is read');
    expect(await world.read('tickets.csv')).to.equal(tickets());
  });

  it('does not name an output that is gone, but writes it again', async () => {
    await runs('gone', ['--output', 'gone.csv']);
    const before = await world.read('gone.csv');
    await rm(join(world.folder, 'gone.csv'));
    const created = world.sandbox.created().length;
    const { code, stdout, stderr } = await world.resume('gone');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal('gone.csv\n');
    expect(await world.read('gone.csv')).to.equal(before);
    expect(world.sandbox.created()).to.have.length(created);
  });

  it('gives the answers of a finished run to standard output, not with --json', async () => {
    await runs('piped', []);
    const { code, stdout } = await world.resume('piped', ['--output', '-', '--format', 'csv']);
    expect(code).to.equal(0);
    expect(stdout.trimEnd().split('\n')).to.have.length(7);
    expect((await world.resume('piped', ['--output', '-', '--json'])).code).to.equal(2);
  });

  it('names the column of answers that are texts', async () => {
    await runs('texts', ['--output', 'texts.csv']);
    const [head = ''] = (await world.read('texts.csv')).split('\n');
    expect(head.split(',')).to.include('result').and.not.include('');
  });

  it('sends nothing if the output cannot be written, or a name or an address is none', async () => {
    const created = world.sandbox.created().length;
    const cases: [string[], RegExp][] = [
      [['--output', 'nowhere/x.csv'], /Cannot write .*nowhere\/x\.csv: there is no such file or folder/],
      [['--run-dir', 'tickets.csv'], /Cannot write .*tickets\.csv: a part of the path is not a folder/],
      [['--webhook', 'notaurl'], /"notaurl" is not an http or https address/],
      [['--name', '../evil'], /"\.\.\/evil" cannot be the name of a run/],
      [['--deadline', 'yesterday'], /Error: --deadline: "yesterday" is not a time/],
    ];
    for (const [flags, words] of cases) {
      const args = [
        'batch',
        'run',
        '--input',
        'tickets.csv',
        '--prompt',
        'Other {{ text }}',
        '--yes',
        ...flags,
      ];
      const { code, stderr } = await world.run(args);
      expect(code, stderr).to.equal(2);
      expect(stderr).to.match(words);
    }
    expect(world.sandbox.created()).to.have.length(created);
    expect(existsSync(join(world.folder, '.instructor/evil'))).to.equal(false);
  });

  it('does not go on with a run of another name unasked', async () => {
    await runs('named', ['--param', 'seed=7']);
    const args = [
      '--input',
      'tickets.csv',
      '--prompt',
      'prompt.md',
      '--id-column',
      'id',
      '--param',
      'seed=7',
    ];
    const { code, stderr } = await world.run(['batch', 'run', ...args, '--yes', '--name', 'other']);
    expect(code).to.equal(2);
    expect(stderr).to.include('The run .instructor/runs/named asks the same, and is finished');
  });

  it('leaves nothing half written behind by a process that was killed', async () => {
    await runs('killed', []);
    const half = world.runFile('killed', 'answers/.s0001.output.jsonl.0123456789ab.tmp');
    await world.write(half, 'half');
    expect((await world.resume('killed', ['--output', 'killed.csv'])).code).to.equal(0);
    expect(await readdir(join(world.folder, world.runFile('killed', 'answers')))).to.deep.equal([
      's0001.output.jsonl',
    ]);
  });

  it('is not held up for ever by a row that the provider refuses, once others were answered', async () => {
    world.sandbox.setFaults([parseFaultFlag('validation-failed:after=1')]);
    const { code, stderr } = await world.begin('refused', [
      '--yes',
      '--max-requests',
      '3',
      '--output',
      'r.csv',
    ]);
    expect(code, stderr).to.equal(6);
    const rows = await world.rows(world.runFile('refused', 'results.jsonl'));
    expect(rows.filter(({ outcome }) => outcome === 'succeeded')).to.have.length(3);
    expect(rows.filter(({ outcome }) => outcome === 'missing')).to.have.length(3);
  });
});
