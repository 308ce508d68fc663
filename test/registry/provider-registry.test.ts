import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PluginSource } from '../../src/registry/plugin-source.js';
import { ProviderRegistry } from '../../src/registry/provider-registry.js';
import { declare } from '../core/support/fake-provider.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';

describe('the registry of providers', () => {
  let root: string;
  let remove: () => Promise<void>;

  before(async () => {
    ({ path: root, remove } = await temporaryFolder());
    await mkdir(join(root, 'dist'));
    await writeFile(join(root, 'fake.js'), 'throw new Error("no code of a plugin may run here")');
  });
  after(() => remove());

  function plugin(
    name: string,
    declared: unknown,
    origin: PluginSource['origin'] = 'installed',
  ): PluginSource {
    return { name, version: '1.0.0', root, origin, declared };
  }
  function providers(...ids: string[]): unknown {
    return { contract: 1, providers: ids.map((id) => declare({ id })) };
  }

  it('knows the providers of all plugins, sorted, and runs no code', () => {
    const registry = new ProviderRegistry([
      plugin('p', providers('zeta', 'alpha')),
      plugin('q', providers('mid')),
    ]);
    expect(registry.ids).to.deep.equal(['alpha', 'mid', 'zeta']);
    expect(registry.warnings).to.deep.equal([]);
    expect(registry.get('mid').plugin.name).to.equal('q');
  });

  it('passes over plugins that are about something else', () => {
    const registry = new ProviderRegistry([plugin('help', undefined)]);
    expect([registry.ids, registry.warnings]).to.deep.equal([[], []]);
  });

  it('says which providers there are when one is not', async () => {
    const registry = new ProviderRegistry([plugin('p', providers('one', 'two'))]);
    const failure = await failureOf(() => registry.get('three'));
    expect(failure).to.include({ kind: 'usage', message: 'There is no provider "three"' });
    expect(failure.hint).to.contain('Installed: one, two.');
    expect((await failureOf(() => new ProviderRegistry([]).get('x'))).hint).to.contain('none');
  });

  const broken: [string, unknown, string][] = [
    ['null', null, 'must be an object'],
    ['a text', 'x', 'must be an object'],
    ['a newer contract', { contract: 2, providers: [] }, 'update instructor'],
    ['no contract', { providers: [] }, 'contract'],
    ['no list of providers', { contract: 1 }, 'instructor.providers: must be a list'],
    ['an id in capitals', providers('Big'), 'instructor.providers[0].id'],
    ['a module elsewhere', { contract: 1, providers: [declare({ module: './../x.js' })] }, '.module'],
    ['an absolute module', { contract: 1, providers: [declare({ module: '/etc/passwd' })] }, '.module'],
    [
      'a module that is missing',
      { contract: 1, providers: [declare({ module: './none.js' })] },
      'does not exist',
    ],
    [
      'a pattern that is none',
      { contract: 1, providers: [declare({ batchIdPattern: '(' })] },
      '.batchIdPattern',
    ],
    [
      'no capabilities',
      { contract: 1, providers: [{ ...declare(), capabilities: undefined }] },
      '.capabilities',
    ],
  ];
  for (const [what, declared, said] of broken) {
    it(`leaves a plugin with ${what} out, in one warning, and keeps the others`, () => {
      const registry = new ProviderRegistry([plugin('bad', declared), plugin('good', providers('fine'))]);
      expect(registry.ids).to.deep.equal(['fine']);
      expect(registry.warnings).to.have.length(1);
      expect(registry.warnings[0])
        .to.match(/^Plugin bad is left out: /)
        .and.contain(said);
    });
  }

  it('keeps the good part of a plugin, and says that only a part is left out', () => {
    const declared = { contract: 1, providers: [declare({ id: 'good' }), declare({ id: 'BAD' })] };
    const registry = new ProviderRegistry([plugin('half', declared)]);
    expect(registry.ids).to.deep.equal(['good']);
    expect(registry.warnings[0]).to.match(
      /^A part of plugin half is left out: instructor\.providers\[1\]\.id/,
    );
  });

  describe('when two plugins claim one id', () => {
    it('leaves it to the newer copy of a bundled plugin that was installed', () => {
      const official = { ...plugin('ours', providers('x')), official: true };
      for (const order of [
        [official, plugin('other', providers('x'))],
        [plugin('other', providers('x')), official],
      ]) {
        expect(new ProviderRegistry(order).get('x').plugin.name).to.equal('ours');
      }
    });

    it('leaves it to the bundled one, whatever the order', () => {
      const bundled = plugin('ours', providers('x'), 'bundled');
      const other = plugin('theirs', providers('x', 'y'));
      for (const order of [
        [bundled, other],
        [other, bundled],
      ]) {
        const registry = new ProviderRegistry(order);
        expect(registry.ids).to.deep.equal(['x', 'y']);
        expect(registry.get('x').plugin.name).to.equal('ours');
        expect(registry.warnings).to.deep.equal([
          'Plugin theirs is left out: the provider id "x" belongs to ours',
        ]);
      }
    });

    it('gives it to none of two others', () => {
      const registry = new ProviderRegistry([
        plugin('p', providers('x')),
        plugin('q', providers('x', 'z'), 'linked'),
      ]);
      expect(registry.ids).to.deep.equal(['z']);
      expect(registry.warnings).to.deep.equal([
        'Plugins p and q are left out: both claim the provider id "x"; uninstall one of them',
      ]);
    });
  });
});
