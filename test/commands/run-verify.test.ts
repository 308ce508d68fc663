import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAs, runVerifySchema } from '../support/json-schemas.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

type Finding = ReturnType<typeof parseAs<typeof runVerifySchema._output>>['findings'][number];

describe('batch run verify', () => {
  let world: RunWorld;
  let count = 0;
  before(async () => {
    world = await startRunWorld();
    const { code, stderr } = await world.begin('whole', [
      '--yes',
      '--max-requests',
      '4',
      '--output',
      'out.csv',
    ]);
    expect(code, stderr).to.equal(0);
  });
  after(() => world.close());

  /** Changes a copy of the run, and gives what is found. */
  const findings = async (change: (at: (file: string) => string) => Promise<void>): Promise<Finding[]> => {
    count += 1;
    const copy = join(world.folder, `copy-${count}`);
    await cp(join(world.folder, world.runFile('whole', '')), copy, { recursive: true });
    await change((file) => join(copy, file));
    const { code, stdout } = await world.run(['batch', 'run', 'verify', copy, '--json']);
    const verified = parseAs(runVerifySchema, stdout);
    expect(code).to.equal(verified.verified ? 0 : 1);
    return verified.findings;
  };
  const lines =
    (file: string, change: (lines: string[]) => string[]) => async (at: (name: string) => string) => {
      const text = await readFile(at(file), 'utf8');
      await writeFile(
        at(file),
        change(text.split('\n').slice(0, -1))
          .map((line) => `${line}\n`)
          .join(''),
      );
    };
  const swapped = ([first = '', second = '', ...others]: string[]): string[] => [second, first, ...others];

  it('finds nothing in a copy of a run that is whole', async () => {
    expect(await findings(() => Promise.resolve())).to.deep.equal([]);
  });

  const FILES = ['results.jsonl', 'receipts.jsonl', 'answers/s0001.output.jsonl', 'requests/s0001.jsonl'];
  for (const file of FILES) {
    it(`finds every change of ${file}`, async () => {
      const changes: Record<string, (at: (name: string) => string) => Promise<void>> = {
        'rows in another order': lines(file, swapped),
        'a row twice': lines(file, ([first = '', ...others]) => [first, first, ...others]),
        'a row less': lines(file, (all) => all.slice(1)),
        'another character': lines(file, ([first = '', ...others]) => [
          first.replace(/.(.)$/, '_$1'),
          ...others,
        ]),
        'cut short': async (at) => await truncate(at(file), 10),
        gone: async (at) => await rm(at(file)),
      };
      const found = await Promise.all(
        Object.entries(changes).map(async ([what, change]) => [what, await findings(change)] as const),
      );
      for (const [what, all] of found) {
        expect(all, what).to.have.length(1);
        expect(all[0]).to.include({ file, code: what === 'gone' ? 'missing_file' : 'changed_file' });
      }
    });
  }

  it('finds requests in another order, and one too many or too few, by the hashes of their rows', async () => {
    const order = 'requests/order.txt';
    const codes = async (change: (all: string[]) => string[]): Promise<string[]> => [
      ...new Set((await findings(lines(order, change))).map(({ code }) => code)),
    ];
    expect(await codes(swapped)).to.deep.equal(['changed_row']);
    expect(await codes((all) => all.slice(0, -1))).to.include('missing_row');
    expect(await codes((all) => [...all, all[0] ?? ''])).to.include('changed_file');
    expect((await findings((at) => rm(at(order)))).map(({ code }) => code)).to.deep.equal(['missing_file']);
  });

  it('finds that the input or the output has changed, and says if they are gone', async () => {
    const kept = { input: await world.read('tickets.csv'), output: await world.read('out.csv') };
    const verify = async () =>
      parseAs(runVerifySchema, (await world.run(['batch', 'run', 'verify', 'whole', '--json'])).stdout);
    await world.write('tickets.csv', kept.input.replace('number 2', 'number 7'));
    await world.write('out.csv', kept.output.slice(0, -1));
    expect((await verify()).findings.map(({ code, file }) => [code, file])).to.deep.equal([
      ['changed_file', join(world.folder, 'tickets.csv')],
      ['changed_file', join(world.folder, 'out.csv')],
    ]);
    await rm(join(world.folder, 'tickets.csv'));
    await rm(join(world.folder, 'out.csv'));
    const gone = await verify();
    await world.write('tickets.csv', kept.input);
    await world.write('out.csv', kept.output);
    expect(gone.verified).to.equal(true);
    expect(gone.notes).to.have.length(2);
  });

  it('says in words what it proved', async () => {
    const { code, stdout } = await world.run(['batch', 'run', 'verify', 'whole']);
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /^whole: 6 rows, each with one request, one result and one receipt; \d+ files as recorded\n$/,
    );
  });
});
