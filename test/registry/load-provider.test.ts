import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchProvider, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { loadProvider, requireCredentials } from '../../src/registry/load-provider.js';
import type { ProviderEntry } from '../../src/registry/provider-registry.js';
import { declare } from '../core/support/fake-provider.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';

describe('loading a provider', () => {
  let root: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: root, remove } = await temporaryFolder()));
  afterEach(() => remove());

  function entryOf(declared: Partial<ProviderDeclaration> = {}): ProviderEntry {
    const plugin = { name: 'acme-plugin', version: '1', root, origin: 'installed', declared: {} } as const;
    return {
      plugin,
      declaration: declare({ id: 'acme', name: 'Acme', module: './provider.mjs', ...declared }),
    };
  }
  async function load(code: string, env: Record<string, string> = {}): Promise<BatchProvider> {
    await writeFile(join(root, 'provider.mjs'), code);
    return await loadProvider(entryOf(), { env });
  }

  for (const code of [
    'export const createProvider = (options) => options;',
    'export default (options) => options;',
    'export default 5; export const createProvider = (options) => options;',
  ]) {
    it(`runs its factory with the declaration and the environment: ${code}`, async () => {
      const options = await load(code, { KEY: 'k' });
      expect(options).to.deep.include({ env: { KEY: 'k' }, declaration: entryOf().declaration });
    });
  }

  for (const [what, code, reason] of [
    [
      'throws in its factory',
      'export default () => { throw new Error("no luck\\nsecond line") }',
      /: no luck$/,
    ],
    ['throws at import', 'throw new Error("early")', /: early$/],
    ['throws something that is no error', 'export default () => { throw "text" }', /: text$/],
    ['exports nothing', 'export const other = 1', /: it exports no function createProvider$/],
    ['exports no function', 'export default {}', /: it exports no function createProvider$/],
    ['imports what is not there', 'import "not-there-at-all"', /: Cannot find package 'not-there-at-all'/],
    ['is not JavaScript', 'export default ][', /: ./],
  ] as const) {
    it(`names a plugin that ${what}`, async () => {
      const failure = await failureOf(() => load(code));
      expect(failure.kind).to.equal('failed');
      expect(failure.message).to.match(/^The plugin acme-plugin of provider "acme" does not work: /);
      expect(failure.message).to.match(reason);
      expect(failure.hint).to.contain('instructor plugins uninstall acme-plugin');
    });
  }

  describe('with rules about models of the user', () => {
    const code = 'export default (options) => options;';

    async function loadWith(rules: string): Promise<{ models?: unknown }> {
      const path = join(root, 'models.json');
      await writeFile(path, rules);
      return (await load(code, { INSTRUCTOR_MODELS_FILE: path })) as { models?: unknown };
    }

    it('hands over those of this provider', async () => {
      const { models } = await loadWith('{"acme": [{"match": "^x", "reasons": true}], "other": 5}');
      expect(models).to.deep.equal([{ match: '^x', reasons: true }]);
    });

    it('hands over nothing if there are none for it', async () => {
      expect((await loadWith('{"other": []}')).models).to.equal(undefined);
    });

    for (const rules of [
      '',
      '{"acme": ',
      'null',
      '{"acme": {}}',
      '{"acme": 1}',
      '{"acme": "x"}',
      '{"acme": [null]}',
      '{"acme": [{}]}',
      '{"acme": [{"match": 5}]}',
      '{"acme": [{"match": "("}]}',
    ]) {
      it(`says that they cannot be used: ${rules}`, async () => {
        const failure = await failureOf(() => loadWith(rules));
        expect(failure.kind).to.equal('usage');
        expect(failure.message).to.match(/^INSTRUCTOR_MODELS_FILE: .*models\.json cannot be used: ./);
        expect(failure.hint).to.contain('"match"');
      });
    }

    it('says that the file does not exist', async () => {
      const env = { INSTRUCTOR_MODELS_FILE: join(root, 'none.json') };
      expect((await failureOf(() => load(code, env))).message).to.contain('none.json: there is no such file');
    });
  });
});

describe('the key of a provider', () => {
  const plugin = { name: 'p', version: '1', root: '/', origin: 'bundled', declared: {} } as const;
  const entryOf = (...credentials: string[]): ProviderEntry => ({
    plugin,
    declaration: declare({ credentials }),
  });

  it('is not needed where none is declared', () => {
    requireCredentials(entryOf(), {});
  });

  it('is any of those that are declared', () => {
    requireCredentials(entryOf('A', 'B'), { B: 'x' });
  });

  it('is named when it is missing, or empty', async () => {
    for (const env of [{}, { A: '' }]) {
      const failure = await failureOf(() => requireCredentials(entryOf('A', 'B'), env));
      expect(failure.kind).to.equal('credentials');
      expect(failure.message).to.equal('There is no key for Fake: A or B is not set');
      expect(failure.hint).to.contain('--dotenv');
    }
  });
});
