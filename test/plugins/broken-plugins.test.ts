import { join } from 'node:path';
import { expect } from 'chai';
import { acmeDeclaration, registerPlugins, writePlugin, type Json } from '../support/plugins.js';
import type { RunResult } from '../support/run-instructor.js';
import { startWorld, type World } from '../support/world.js';

/** Lines that begin with a warning. */
function warningsIn({ stderr }: RunResult): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('Warning: '));
}

describe('plugins that are not as they should be', () => {
  let world: World;
  let acme: Json;

  before(async () => {
    world = await startWorld();
    acme = await acmeDeclaration();
  });

  after(() => world.close());

  /** A home of its own with these plugins linked. */
  async function homeWith(plugins: Record<string, { instructor: unknown; files?: Record<string, string> }>) {
    const home = join(world.folder, `home-${Math.random().toString(36).slice(2)}`);
    const linked: { name: string; root: string }[] = [];
    for (const [name, plugin] of Object.entries(plugins)) {
      const root = await writePlugin(join(home, 'plugins', name), { name, ...plugin });
      linked.push({ name, root });
    }
    await registerPlugins(home, linked);
    return (args: string[], env: Record<string, string> = {}): Promise<RunResult> =>
      world.run(args, { env: { HOME: home, ...env } });
  }

  const declared = (change: Json) => ({
    contract: 1,
    providers: [{ ...acme, module: './index.js', ...change }],
  });

  it('are named in one warning each, and everything else works', async () => {
    const run = await homeWith({
      'with-broken-declaration': { instructor: declared({ id: 'one', counts: 'all' }) },
      'with-no-list': { instructor: { contract: 1 } },
      'of-the-future': { instructor: { ...declared({ id: 'two' }), contract: 7 } },
      'without-module': { instructor: declared({ id: 'three' }), files: {} },
      'that-escapes': { instructor: declared({ id: 'four', module: './../acme/index.js' }) },
      'with-clash': { instructor: declared({ id: 'openai' }) },
      'twin-a': { instructor: declared({ id: 'twin' }) },
      'twin-b': { instructor: declared({ id: 'twin' }) },
      'half-broken': {
        instructor: {
          contract: 1,
          providers: [{ id: 'bad' }, { ...acme, module: './index.js', id: 'good' }],
        },
      },
      'that-throws': { instructor: declared({ id: 'thrower' }) },
    });

    const shown = await run(['providers', '--json']);
    const { providers, warnings } = JSON.parse(shown.stdout) as {
      providers: { id: string; plugin: { name: string; origin: string } }[];
      warnings: string[];
    };

    expect(shown.code).to.equal(0);
    expect(providers.map(({ id, plugin }) => `${id} of ${plugin.name}`)).to.deep.equal([
      'anthropic of @instructor-cli/anthropic',
      'good of half-broken',
      'openai of @instructor-cli/openai',
      'thrower of that-throws',
    ]);
    const printed = warningsIn(shown);
    expect(printed).to.have.members(warnings.map((warning) => `Warning: ${warning}`));
    for (const [plugin, reason] of Object.entries({
      'with-broken-declaration': /instructor\.providers\[0\]\.counts: must be a list of names/,
      'with-no-list': /instructor\.providers: must be a list/,
      'of-the-future':
        /instructor\.contract: 7 is not known here, this instructor speaks contract 1; update instructor/,
      'without-module': /provider "three": its module \.\/index\.js does not exist/,
      'that-escapes': /instructor\.providers\[0\]\.module: must be a path inside the plugin/,
      'with-clash': /the provider id "openai" belongs to @instructor-cli\/openai/,
      'twin-a': /both claim the provider id "twin"/,
      'twin-b': /both claim the provider id "twin"/,
      'half-broken': /A part of plugin half-broken is left out: instructor\.providers\[0\]\.name: must be/,
    })) {
      const about = printed.filter((line) => line.includes(plugin));
      expect(about, `warnings about ${plugin}`).to.have.lengthOf(1);
      expect(about[0]).to.match(reason);
    }
    expect(printed, printed.join('\n')).to.have.lengthOf(8);

    const listed = await run(['batch', 'list', '--provider', 'openai']);
    expect(listed.code, listed.stderr).to.equal(0);
    expect(warningsIn(listed), 'they are named once in a command').to.have.lengthOf(8);
    const unknown = await run(['batch', 'list', '--provider', 'twin']);
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.match(/There is no provider "twin"/);
  });

  it('and throw when they are used, fail alone and by name', async () => {
    const throwing = 'export const createProvider = () => { throw new Error("out of order"); };';
    const run = await homeWith({
      'that-throws': { instructor: declared({ id: 'thrower' }), files: { 'index.js': throwing } },
      'that-breaks': {
        instructor: declared({ id: 'breaker' }),
        files: { 'index.js': 'throw new Error("broken");' },
      },
      'that-is-empty': {
        instructor: declared({ id: 'empty' }),
        files: { 'index.js': 'export const x = 1;' },
      },
      'that-is-cut': { instructor: declared({ id: 'cut' }), files: { 'index.js': 'export const createP' } },
    });
    const env = { ACME_API_KEY: 'sandbox-key' };

    for (const [id, name, reason] of [
      ['thrower', 'that-throws', /out of order/],
      ['breaker', 'that-breaks', /broken/],
      ['empty', 'that-is-empty', /exports no function createProvider/],
      ['cut', 'that-is-cut', /does not work/],
    ] as const) {
      const { code, stdout, stderr } = await run(['batch', 'list', '--provider', id], env);
      expect({ code, stdout }, stderr).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(
        new RegExp(`^Error: The plugin ${name} of provider "${id}" does not work`, 'm'),
      );
      expect(stderr).to.match(reason).and.to.include(`instructor plugins uninstall ${name}`);
      expect(stderr).to.not.match(/^\s+at /m);
    }
    const all = await run(['batch', 'list', '--all-providers', '--json'], env);
    expect(all.code, all.stderr).to.equal(0);
    expect(JSON.parse(all.stdout)).to.deep.equal({ batches: [] });
    expect(warningsIn(all).filter((line) => line.includes('does not work'))).to.have.lengthOf(4);
  });

  it('are not run to be shown, nor to say what they cannot do', async () => {
    const run = await homeWith({ 'acme-unloaded': { instructor: declared({ id: 'acme' }) } });

    const shown = await run(['providers']);
    const note = await run(['batch', 'delete', '--batch-id', 'batch_1', '--provider', 'acme']);

    expect(shown.code, shown.stderr).to.equal(0);
    expect(shown.stdout).to.match(/acme +acme-unloaded 1\.0\.0, linked; no key \(ACME_API_KEY\)/);
    expect(note.code).to.equal(3);
    expect(note.stderr).to.match(/^Note: Acme keeps batches for 30 days and cannot delete them earlier$/m);
  });

  it('and link to a folder that is gone do not stop the others', async () => {
    const home = join(world.folder, 'home-gone');
    await registerPlugins(home, [{ name: 'gone', root: join(home, 'nowhere') }]);

    const { code, stdout, stderr } = await world.run(['providers', '--json'], { env: { HOME: home } });

    expect(code, stderr).to.equal(0);
    expect((JSON.parse(stdout) as { providers: unknown[] }).providers).to.have.lengthOf(2);
  });
});
