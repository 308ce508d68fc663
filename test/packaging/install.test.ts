import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { startMiniRegistry, type MiniRegistry } from '../support/mini-registry.js';
import { packAll, runNpm, type Packed } from '../support/npm.js';
import { ROOT, runInstructor, temporaryFolder, type RunResult } from '../support/run-instructor.js';

const PACKAGES = [
  '.',
  './plugins/provider-kit',
  './plugins/openai',
  './plugins/anthropic',
  './plugins/sandbox',
];

/** What is used where it happens to be there. */
const OPTIONAL = new Set(['typescript', 'tsx', 'ts-node', 'supports-color', 'undici']);

describe('the published packages', function () {
  this.timeout(180_000);

  let folder: { path: string; remove: () => Promise<void> };
  let packed: Packed[];
  let version: string;

  before(async () => {
    folder = await temporaryFolder();
    packed = await packAll(PACKAGES, folder.path);
    ({ version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string });
  });

  after(() => folder.remove());

  it('hold what is run, and neither tests nor sources', () => {
    expect(packed.map(({ name }) => name)).to.have.members([
      'instructor-cli',
      '@instructor-cli/provider-kit',
      '@instructor-cli/openai',
      '@instructor-cli/anthropic',
      '@instructor-cli/sandbox',
    ]);
    for (const { name, files } of packed) {
      const strange = files.filter(
        (path) =>
          /(^|\/)(test|tests|src|bench|scripts|node_modules|\.[^/]+)(\/|$)/.test(path) ||
          /\.tsbuildinfo$|\.test\.|\.map$|(?<!\.d)\.ts$|tsconfig|\.env/.test(path),
      );
      expect(strange, name).to.deep.equal([]);
      expect(files, name).to.include('package.json');
      expect(
        files.some((path) => path.startsWith('dist/')),
        name,
      ).to.equal(true);
    }
  });

  it('of the program hold its binary, its commands and its manifest', async () => {
    const { files } = packed.find(({ name }) => name === 'instructor-cli')!;
    expect(files).to.include.members([
      'bin/run.js',
      'bin/package.json',
      'dist/cli/main.cjs',
      'oclif.manifest.json',
    ]);
    expect(files).to.not.include('bin/dev.js');
    // What is in the bundle is not there a second time.
    expect(files.filter((path) => /^dist\/(commands|ui)\/|^dist\/cli\/.*\.js$/.test(path))).to.deep.equal([]);

    const manifest = JSON.parse(await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, unknown>;
    };
    const { COMMANDS } = createRequire(import.meta.url)(join(ROOT, 'dist/cli/main.cjs')) as {
      COMMANDS: Record<string, unknown>;
    };
    expect(Object.keys(COMMANDS)).to.have.members(Object.keys(manifest.commands));
  });

  it('declare every package that they load', async () => {
    for (const { name, files } of packed) {
      const folder = join(ROOT, name === 'instructor-cli' ? '.' : `plugins/${name.split('/')[1]}`);
      const { dependencies = {}, peerDependencies = {} } = JSON.parse(
        await readFile(join(folder, 'package.json'), 'utf8'),
      ) as {
        dependencies?: Record<string, string>;
        peerDependencies?: Record<string, string>;
      };
      const loaded = new Set<string>();
      for (const file of files.filter((path) => /^dist\/.*\.c?js$/.test(path))) {
        const source = await readFile(join(folder, file), 'utf8');
        const specifiers = source.matchAll(
          /(?:\bfrom\s*|\bimport\(\s*|(?<![.\w])require\(\s*)["']([@\w][\w./@-]*)["']/g,
        );
        for (const [, specifier] of specifiers) {
          const [first = '', second = ''] = specifier!.split('/');
          if (!isBuiltin(specifier!)) loaded.add(first.startsWith('@') ? `${first}/${second}` : first);
        }
      }
      const undeclared = [...loaded].filter(
        (one) => one !== name && !(one in { ...dependencies, ...peerDependencies }) && !OPTIONAL.has(one),
      );
      expect(undeclared, name).to.deep.equal([]);
    }
  });

  it('name the licences of all code that they have taken in', async () => {
    const notices = await Promise.all(
      ['dist', 'plugins/openai/dist', 'plugins/anthropic/dist'].map((folder) =>
        readFile(join(ROOT, folder, 'THIRD-PARTY-NOTICES.md'), 'utf8'),
      ),
    );
    expect(notices[0])
      .to.match(/^## @oclif\/core \d/m)
      .and.to.match(/^## cli-table3 \d/m);
    expect(notices[1]).to.match(/^## openai \d[\s\S]*Apache/m);
    expect(notices[2]).to.match(/^## @anthropic-ai\/sdk \d/m);
    for (const { name, files } of packed) {
      if (!/sandbox|provider-kit/.test(name)) expect(files, name).to.include('dist/THIRD-PARTY-NOTICES.md');
    }
  });

  it('hold every file that their exports and declarations name', async () => {
    for (const { name, files } of packed) {
      const plugin = name === 'instructor-cli' ? '.' : `plugins/${name.split('/')[1]}`;
      const packageJson = JSON.parse(await readFile(join(ROOT, plugin, 'package.json'), 'utf8')) as {
        exports: Record<string, unknown>;
        instructor?: { providers: { module: string }[] };
      };
      const named = JSON.stringify([
        packageJson.exports,
        packageJson.instructor?.providers.map((p) => p.module),
      ]);
      for (const [, path] of named.matchAll(/"\.\/([^"]+\.\w+)"/g)) {
        if (!/^[^/]+\.json$/.test(path!)) expect(files, name).to.include(path);
      }
    }
  });

  describe('installed into an empty folder', () => {
    let registry: MiniRegistry;
    let prefix: string;
    let bin: string;

    const run = (args: string[], env: Record<string, string> = {}): Promise<RunResult> =>
      runInstructor(args, {
        bin,
        cwd: folder.path,
        env: { HOME: folder.path, PATH: `${join(prefix, 'bin')}${delimiter}${process.env['PATH']}`, ...env },
      });

    before(async () => {
      registry = await startMiniRegistry(packed);
      prefix = join(folder.path, 'prefix');
      const npm = { home: folder.path, registry: registry.url, cwd: folder.path };
      await runNpm(['install', '--global', '--prefix', prefix, 'instructor-cli'], npm);
      const modules = await runNpm(['root', '--global', '--prefix', prefix], npm);
      bin = join(modules.trim(), 'instructor-cli/bin/run.js');
    });

    after(() => registry.close());

    it('miss no dependency', () => {
      expect(registry.missing).to.deep.equal([]);
      expect(dirname(bin).startsWith(ROOT)).to.equal(false);
    });

    it('say their version', async () => {
      const { code, stdout, stderr } = await run(['--version']);

      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(new RegExp(`^instructor-cli/${version.replaceAll('.', '\\.')} `));
    });

    it('show help', async () => {
      const { code, stdout, stderr } = await run(['batch', '--help']);

      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.include('batch list').and.to.include('batch create-from-file');
    });

    it('bring their providers', async () => {
      const { code, stdout } = await run(['providers', '--json']);
      const { providers, warnings } = JSON.parse(stdout) as {
        providers: { id: string; plugin: unknown }[];
        warnings: unknown[];
      };

      expect(code).to.equal(0);
      expect(warnings).to.deep.equal([]);
      expect(providers.map(({ id, plugin }) => ({ id, plugin }))).to.deep.equal([
        { id: 'anthropic', plugin: { name: '@instructor-cli/anthropic', version, origin: 'bundled' } },
        { id: 'openai', plugin: { name: '@instructor-cli/openai', version, origin: 'bundled' } },
      ]);
    });

    it('say what a provider cannot do, without a key', async () => {
      const { code, stdout, stderr } = await run(['batch', 'delete', '--batch-id', 'batch_abc123']);

      expect({ code, stdout }).to.deep.equal({ code: 3, stdout: '' });
      expect(stderr).to.match(/^Note: OpenAI does not support batch deletion via API$/m);
    });

    it('run against their own sandbox', async function () {
      // The shell of another platform finds commands in another way.
      if (process.platform === 'win32') this.skip();
      const { code, stdout, stderr } = await run([
        'sandbox',
        'exec',
        '--',
        'instructor',
        'batch',
        'list',
        '--json',
      ]);

      expect(code, stderr).to.equal(0);
      expect(JSON.parse(stdout)).to.deep.equal({ batches: [] });
    });
  });
});
