import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMiniRegistry, type MiniRegistry } from '../support/mini-registry.js';
import { npmEnv, packAll, type Packed } from '../support/npm.js';
import { ACME } from '../support/plugins.js';
import { ROOT, runInstructor, type RunResult } from '../support/run-instructor.js';
import { ask, AT_ONCE, jsonLines, NEVER, startWorld, type World } from '../support/world.js';

const NAME = 'instructor-provider-acme';

interface Shown {
  providers: { id: string; plugin: { name: string; version: string; origin: string } }[];
}

describe('the provider of a third party', function () {
  this.timeout(120_000);

  let world: World;
  let packed: Packed[];
  let registry: MiniRegistry;

  before(async () => {
    world = await startWorld();
    const tarballs = join(world.folder, 'tarballs');
    await mkdir(tarballs);
    packed = await packAll(['./plugins/provider-kit', ACME], tarballs);
    registry = await startMiniRegistry(packed);
  });

  after(async () => {
    await registry.close();
    await world.close();
  });

  /** The program in a home of its own, with Acme in the sandbox. */
  function userIn(name: string, where: World = world) {
    const home = join(where.folder, name);
    const env = {
      HOME: home,
      ACME_BASE_URL: where.sandbox.openaiBaseUrl,
      ACME_API_KEY: where.sandbox.key,
      ...npmEnv(home, registry.url),
    };
    return async (...args: string[]): Promise<RunResult> => {
      await mkdir(home, { recursive: true });
      return await runInstructor(args, { cwd: home, env });
    };
  }

  type User = ReturnType<typeof userIn>;

  async function done(result: Promise<RunResult>): Promise<string> {
    const { code, stdout, stderr } = await result;
    expect(code, stderr).to.equal(0);
    return stdout;
  }

  async function acmeOf(user: User): Promise<Shown['providers'][number]['plugin'] | undefined> {
    const { providers } = JSON.parse(await done(user('providers', '--json'))) as Shown;
    return providers.find(({ id }) => id === 'acme')?.plugin;
  }

  it('is linked, shown in tables, help and completion, and unlinked', async () => {
    const user = userIn('linking');
    expect(await acmeOf(user)).to.equal(undefined);

    await done(user('plugins', 'link', '--no-install', ACME));

    expect(await acmeOf(user)).to.deep.equal({ name: NAME, version: '1.0.0', origin: 'linked' });
    expect(await done(user('providers'))).to.match(
      /^ *acme +instructor-provider-acme 1\.0\.0, linked; key set$/m,
    );
    expect(await done(user('batch', 'list', '--help'))).to.include('<options: acme|anthropic|openai>');
    await done(user('autocomplete', '--refresh-cache', 'zsh'));
    const completion = join(world.folder, 'linking/cache/autocomplete/functions/zsh/_instructor');
    expect(await readFile(completion, 'utf8')).to.match(/--provider".*acme anthropic openai/);

    await done(user('plugins', 'uninstall', NAME));

    expect(await acmeOf(user)).to.equal(undefined);
    const { code, stderr } = await user('batch', 'list', '--provider', 'acme');
    expect(code).to.equal(2);
    expect(stderr).to.match(/There is no provider "acme"/);
    await access(join(ACME, 'package.json'));
  });

  it('is installed from a tarball with the kit it needs, works, and is removed', async () => {
    const user = userIn('installing');
    const tarball = packed.find(({ name }) => name === NAME)!.path;

    await done(user('plugins', 'install', `file:${tarball}`));

    expect(registry.missing).to.deep.equal([]);
    expect(await acmeOf(user)).to.deep.equal({ name: NAME, version: '1.0.0', origin: 'installed' });
    const modules = join(world.folder, 'installing/data/node_modules');
    expect(await readFile(join(modules, '@instructor-cli/provider-kit/package.json'), 'utf8')).to.equal(
      await readFile(join(ROOT, 'plugins/provider-kit/package.json'), 'utf8'),
    );
    expect(await done(user('batch', 'list', '--provider', 'acme', '--json'))).to.match(/"batches": \[/);
    // Its copy of the kit is not the host's: errors are recognised all the same.
    const unknown = await user('batch', 'get', 'batch_0123456789abcdef', '--provider', 'acme');
    expect(unknown.code).to.equal(1);
    expect(unknown.stderr)
      .to.match(/^Error: .*batch_0123456789abcdef/m)
      .and.to.match(/Request id: /);

    await done(user('plugins', 'uninstall', NAME));

    expect(await acmeOf(user)).to.equal(undefined);
  });

  it('is installed by its name', async () => {
    const user = userIn('by-name');

    await done(user('plugins', 'install', NAME));

    expect(await acmeOf(user)).to.deep.equal({ name: NAME, version: '1.0.0', origin: 'installed' });
  });

  describe('works with', () => {
    let user: User;
    let home: string;

    const write = async (name: string, content: string): Promise<string> =>
      world.write(`working/${name}`, content);
    const read = (name: string): Promise<string> => world.read(`working/${name}`);

    before(async () => {
      home = join(world.folder, 'working');
      user = userIn('working');
      await done(user('plugins', 'link', '--no-install', ACME));
    });

    async function created(): Promise<string> {
      await write('messages.jsonl', jsonLines([1, 2, 3].map((n) => ({ messages: ask(`Person ${n}`) }))));
      await write(
        'person.json',
        JSON.stringify({
          title: 'Person',
          type: 'object',
          properties: { name: { type: 'string' }, nick: { type: 'string' } },
          required: ['name'],
        }),
      );
      const flags = ['--messages-file', 'messages.jsonl', '--response-model', 'person.json', '--force'];
      await done(user('batch', 'create', ...flags, '--model', 'acme/acme-small'));
      const args = ['--file-path', 'batch_requests.jsonl', '--model', 'acme/acme-small', '--metadata', 'a=b'];
      const json = await done(user('batch', 'create-from-file', ...args, '--json'));
      return (JSON.parse(json) as { batch: { id: string } }).batch.id;
    }

    it('create, create-from-file, wait, get, list, results and download-file', async () => {
      const id = await created();

      expect(await done(user('batch', 'wait', id, '--provider', 'acme', '--poll', '0.1'))).to.equal(
        `${id} completed\n`,
      );
      const got = JSON.parse(await done(user('batch', 'get', id, '--provider', 'acme', '--json'))) as {
        provider: string;
        metadata: object;
      };
      expect(got.provider).to.equal('acme');
      expect(got.metadata).to.include({ a: 'b' });
      expect(await done(user('batch', 'list', '--provider', 'acme')))
        .to.include('Acme')
        .and.to.include('completed');

      const results = ['--batch-id', id, '--provider', 'acme', '--response-model', 'person.json'];
      await done(user('batch', 'results', ...results, '--output-file', 'out.jsonl', '--strict'));
      const rows = (await read('out.jsonl')).trim().split('\n');
      expect(rows).to.have.lengthOf(3);
      for (const row of rows) expect(JSON.parse(row)).to.have.property('outcome', 'succeeded');

      const download = ['--batch-id', id, '--provider', 'acme', '--download-file-path', 'raw.jsonl'];
      await done(user('batch', 'download-file', ...download));
      expect((await read('raw.jsonl')).trim().split('\n')).to.have.lengthOf(3);
    });

    it('delete, as far as it declares to', async () => {
      const id = await created();
      await done(user('batch', 'wait', id, '--provider', 'acme', '--poll', '0.1'));

      const refused = await user('batch', 'delete', '--batch-id', id, '--provider', 'acme');
      expect(refused.code).to.equal(3);
      expect(refused.stderr).to.match(
        /^Note: Acme keeps batches for 30 days and cannot delete them earlier$/m,
      );

      const files = ['--batch-id', id, '--provider', 'acme', '--with-files', '--yes'];
      const { stdout } = await user('batch', 'delete', ...files);
      expect(stdout.trim().split('\n')).to.have.lengthOf(2);
      expect(stdout).to.match(/deleted$/m);
    });

    it('cancel', async () => {
      const slow = await startWorld({ timing: { ...AT_ONCE, inProgressMs: NEVER.inProgressMs } });
      try {
        const other = userIn('cancelling', slow);
        await done(other('plugins', 'link', '--no-install', ACME));
        await write('requests.jsonl', await read('batch_requests.jsonl'));
        const args = ['--file-path', join(home, 'requests.jsonl'), '--provider', 'acme', '--json'];
        const { batch } = JSON.parse(await done(other('batch', 'create-from-file', ...args))) as {
          batch: { id: string };
        };

        const cancelled = await done(other('batch', 'cancel', '--batch-id', batch.id, '--provider', 'acme'));

        expect(cancelled).to.match(new RegExp(`^${batch.id} cancell(ing|ed)\n$`));
        const end = await other('batch', 'wait', batch.id, '--provider', 'acme', '--poll', '0.1');
        expect(end.code).to.equal(1);
        expect(end.stdout).to.equal(`${batch.id} cancelled\n`);
      } finally {
        await slow.close();
      }
    });

    it('the sandbox of the program, which finds it by its protocol', async () => {
      const bin = [process.execPath, join(ROOT, 'bin/run.js')];
      const args = ['batch', 'list', '--provider', 'acme', '--json'];

      const stdout = await done(user('sandbox', 'exec', '--', ...bin, ...args));

      expect(JSON.parse(stdout)).to.deep.equal({ batches: [] });
    });
  });
});
