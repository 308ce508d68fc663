import { readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ROOT } from '../support/run-instructor.js';
import { startWorld, type World } from '../support/world.js';

const RECORDER = fileURLToPath(new URL('../support/record-loads.cjs', import.meta.url));

/** What oclif's help needs to put lines into columns. */
const FOR_HELP = ['ansi-escapes', 'ejs', 'string-width', 'widest-line', 'wrap-ansi'].map(
  (name) => `dist/vendor/${name}.cjs`,
);
const PROGRAM = ['bin/run.js', 'dist/cli/main.cjs'];

/** A start is quick because it loads little: this holds where a measured time would not. */
describe('a start loads', () => {
  let world: World;
  let root: string;
  let runs = 0;

  before(async () => {
    world = await startWorld();
    root = await realpath(ROOT);
  });
  after(() => world.close());

  /** The files that the program loaded, from the root of the repository. */
  async function loadedBy(args: string[], code: number, env: Record<string, string> = {}): Promise<string[]> {
    const place = await world.write(`loads-${runs++}.txt`, '');
    const result = await world.run(args, {
      env: { ...env, NODE_OPTIONS: `--require ${RECORDER}`, RECORD_LOADS: place },
    });
    expect(result.code, result.stderr).to.equal(code);
    const lines = (await readFile(place, 'utf8')).split('\n').filter((line) => line !== '');
    const files = lines.map((line) => relative(root, line).split(sep).join('/'));
    return [...new Set(files)].filter((file) => !file.startsWith('test/')).sort();
  }

  it('its binary alone to say its version', async () => {
    expect(await loadedBy(['--version'], 0)).to.deep.equal(['bin/run.js', 'package.json']);
  });

  for (const args of [['--help'], ['batch', '--help'], ['batch', 'list', '--help']]) {
    it(`the program and what lays out text for ${args.join(' ')}`, async () => {
      const files = await loadedBy(args, 0);
      expect(files).to.include.members(PROGRAM);
      expect(files.filter((file) => ![...PROGRAM, ...FOR_HELP].includes(file))).to.deep.equal([]);
    });
  }

  for (const [what, args, code] of [
    ['a usage error', ['batch', 'list', '--no-such-flag'], 2],
    ['what a provider cannot do', ['batch', 'delete', '--batch-id', 'batch_abc'], 3],
    ['a missing key', ['batch', 'list', '--provider', 'openai'], 4],
  ] as const) {
    it(`the program alone for ${what}`, async () => {
      const files = await loadedBy([...args], code, { OPENAI_API_KEY: '' });
      expect(files.filter((file) => !FOR_HELP.includes(file))).to.deep.equal(PROGRAM);
    });
  }

  for (const [provider, other] of [
    ['openai', 'anthropic'],
    ['anthropic', 'openai'],
  ]) {
    it(`${provider} alone for a list of its batches`, async () => {
      const files = await loadedBy(['batch', 'list', '--provider', provider!], 0);
      expect(files).to.include(`plugins/${provider}/dist/index.js`);
      expect(files.some((file) => new RegExp(`^plugins/${provider}/dist/chunks/sdk-`).test(file))).to.equal(
        true,
      );
      const strange = files.filter(
        (file) => !/^(bin|dist)\//.test(file) && !file.startsWith(`plugins/${provider}/`),
      );
      expect(strange).to.deep.equal([]);
      expect(files.join(' ')).not.to.match(new RegExp(`plugins/(${other}|sandbox)/|ora\\.cjs|zod|ajv`));
    });
  }

  it('no library of the few commands that use it as a part of the program', async () => {
    const main = await readFile(join(ROOT, 'dist/cli/main.cjs'), 'utf8');
    for (const name of [
      'openai',
      '@anthropic-ai',
      'zod',
      'ora',
      'cli-table3',
      'ajv',
      'csv-stringify',
      'gpt-tokenizer',
      'semver',
    ]) {
      expect(main, name).not.to.include(`node_modules/${name}/`);
    }
    const notices = await readFile(join(ROOT, 'dist/THIRD-PARTY-NOTICES.md'), 'utf8');
    expect(notices).not.to.match(/^## (openai|@anthropic-ai|zod) /m);
  });
});
