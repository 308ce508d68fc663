import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ProviderEntry } from '../../src/registry/provider-registry.js';
import { bundledPlugins } from '../../src/registry/bundled-plugins.js';
import { loadPrices } from '../../src/registry/load-prices.js';
import { ProviderRegistry } from '../../src/registry/provider-registry.js';
import { declare } from '../core/support/fake-provider.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';

const shipped = {
  date: '2026-11-22',
  source: 'https://acme.example/prices',
  batchFactor: 0.5,
  batchFactorOnCached: true,
  models: [{ match: '^acme', input: 1, output: 2 }],
};
const mine = { match: '^acme-small', input: 0.1, output: 0.2 };

describe('the prices of a provider', () => {
  let root: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: root, remove } = await temporaryFolder());
    await writeFile(join(root, 'prices.json'), JSON.stringify(shipped));
  });
  afterEach(() => remove());

  function entryOf(prices: string | undefined = './prices.json'): ProviderEntry {
    const plugin = { name: 'acme-plugin', version: '1', root, origin: 'installed', declared: {} } as const;
    return { plugin, declaration: { ...declare({ id: 'acme', name: 'Acme' }), prices } };
  }
  async function withOwn(own: unknown): Promise<Record<string, string>> {
    const path = join(root, 'own.json');
    await writeFile(path, typeof own === 'string' ? own : JSON.stringify(own));
    return { INSTRUCTOR_PRICES_FILE: path };
  }
  const unpriced = (): ProviderEntry => {
    const { plugin, declaration } = entryOf();
    const { prices: _prices, ...rest } = declaration;
    return { plugin, declaration: rest };
  };

  it('come from the file that its plugin names', async () => {
    expect(await loadPrices(entryOf(), {})).to.deep.equal(shipped);
    expect(await loadPrices(unpriced(), {})).to.equal(undefined);
  });

  it('are known of the providers that come along', async () => {
    for (const entry of new ProviderRegistry(bundledPlugins()).entries) {
      expect((await loadPrices(entry, {}))?.models, entry.declaration.id).not.to.be.empty;
    }
  });

  it('are looked for among the user’s own first', async () => {
    const env = await withOwn({ acme: { models: [mine] }, other: 'ignored' });

    expect(await loadPrices(entryOf(), env)).to.deep.equal({ ...shipped, models: [mine, ...shipped.models] });
    expect(await loadPrices(entryOf(), await withOwn({ other: {} }))).to.deep.equal(shipped);
  });

  it('take what else the user says of them', async () => {
    const env = await withOwn({
      acme: { ...shipped, date: '2027-01-01', batchFactor: 0.25, models: [mine] },
    });

    expect(await loadPrices(entryOf(), env)).to.deep.include({ date: '2027-01-01', batchFactor: 0.25 });
  });

  it('may be the user’s alone: then a batch has no discount that they do not name', async () => {
    const env = await withOwn({ acme: { models: [mine] } });
    const prices = await loadPrices(unpriced(), env);

    expect(prices).to.deep.include({ models: [mine], batchFactor: 1, source: env['INSTRUCTOR_PRICES_FILE'] });
    expect(prices?.date).to.match(/^\d{4}-\d\d-\d\d$/);
  });

  for (const [what, own, reason] of [
    ['is not JSON', '{', /^INSTRUCTOR_PRICES_FILE: .*own\.json cannot be used: /],
    ['is no object', [], /it must be an object/],
    ['has a list where an object belongs', { acme: [mine] }, /"acme" must be an object/],
    [
      'has a price that is none',
      { acme: { models: [{ ...mine, input: '1' }] } },
      /"acme": models\[0\]\.input/,
    ],
    [
      'has another field that is wrong',
      { acme: { models: [], batchFactor: 'half' } },
      /"acme": "batchFactor"/,
    ],
  ] as const) {
    it(`cannot be used if the user’s file ${what}`, async () => {
      const env = await withOwn(own);
      const failure = await failureOf(() => loadPrices(entryOf(), env));

      expect(failure.kind).to.equal('usage');
      expect(failure.message).to.match(reason);
      expect(failure.hint).to.match(/US dollars per million tokens/);
    });
  }

  it('cannot be used if the user’s file is not there', async () => {
    const failure = await failureOf(() =>
      loadPrices(entryOf(), { INSTRUCTOR_PRICES_FILE: join(root, 'nowhere.json') }),
    );

    expect(failure.message).to.match(/^Cannot read INSTRUCTOR_PRICES_FILE .*: there is no such file/);
  });

  it('are the plugin’s fault if its own file is broken', async () => {
    await writeFile(join(root, 'prices.json'), JSON.stringify({ ...shipped, date: 'today' }));
    for (const entry of [entryOf(), entryOf('./gone.json')]) {
      const failure = await failureOf(() => loadPrices(entry, {}));
      expect(failure.kind).to.equal('failed');
      expect(failure.message).to.match(
        /^The prices of provider "acme" cannot be used: .* of the plugin acme-plugin/,
      );
    }
  });
});
