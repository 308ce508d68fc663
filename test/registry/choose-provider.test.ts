import { expect } from 'chai';
import { chooseProvider, type ProviderHints } from '../../src/registry/choose-provider.js';
import type { ProviderEntry, ProviderRegistry } from '../../src/registry/provider-registry.js';
import { InstructorError } from '../../src/failure/instructor-error.js';
import { declare } from '../core/support/fake-provider.js';
import { failureOf } from '../support/failure-of.js';

const PATTERNS: Record<string, string | undefined> = {
  openai: '^batch_[a-zA-Z0-9]+$',
  anthropic: '^msgbatch_[a-zA-Z0-9]+$',
  twin: '^batch_[a-z0-9]+$',
  triplet: '^trip_',
  other: '^trip_',
  silent: undefined,
};

function registryOf(...ids: string[]): ProviderRegistry {
  const plugin = { name: 'p', version: '1', root: '/', origin: 'bundled', declared: {} } as const;
  const entries: ProviderEntry[] = ids.map((id) => ({
    plugin,
    declaration: declare({ id, name: id.toUpperCase(), batchIdPattern: PATTERNS[id] }),
  }));
  const find = (id: string): ProviderEntry | undefined =>
    entries.find(({ declaration }) => declaration.id === id);
  const get = (id: string): ProviderEntry => {
    const entry = find(id);
    if (!entry) throw new InstructorError('usage', `There is no provider "${id}"`);
    return entry;
  };
  return { entries, find, get, ids, warnings: [] };
}

const usual = registryOf('anthropic', 'openai');
const many = registryOf('anthropic', 'openai', 'other', 'silent', 'triplet', 'twin');

function choose(hints: ProviderHints, registry = usual): [provider: string, model: string | undefined] {
  const { entry, model } = chooseProvider(registry, hints);
  return [entry.declaration.id, model];
}

async function refusal(hints: ProviderHints, registry = usual): Promise<string> {
  const failure = await failureOf(() => chooseProvider(registry, hints));
  expect(failure.kind).to.equal('usage');
  return `${failure.message} | ${failure.hint ?? ''}`;
}

describe('choosing a provider', () => {
  it('takes openai if nothing tells', () => {
    expect(choose({})).to.deep.equal(['openai', undefined]);
  });

  it('takes what is configured if nothing else tells', () => {
    expect(choose({ configured: 'anthropic' })).to.deep.equal(['anthropic', undefined]);
    expect(choose({ configured: 'anthropic', model: 'claude' })).to.deep.equal(['anthropic', 'claude']);
  });

  it('lets the shape of a batch id count more than what is configured', () => {
    expect(choose({ batchId: 'msgbatch_01a' })[0]).to.equal('anthropic');
    expect(choose({ batchId: 'batch_01a', configured: 'anthropic' })[0]).to.equal('openai');
    expect(choose({ batchId: 'strange', configured: 'anthropic' })[0]).to.equal('anthropic');
    expect(choose({ batchId: 'strange' })[0]).to.equal('openai');
  });

  it('lets the prefix of a model count more than what is configured', () => {
    expect(choose({ model: 'anthropic/claude', configured: 'openai' })).to.deep.equal([
      'anthropic',
      'claude',
    ]);
  });

  it('takes the provider that was named, whatever is configured', () => {
    expect(choose({ provider: 'anthropic', configured: 'openai' })[0]).to.equal('anthropic');
    expect(choose({ provider: 'anthropic', batchId: 'strange' })[0]).to.equal('anthropic');
  });

  it('accepts hints that agree', () => {
    const hints = { provider: 'anthropic', model: 'anthropic/claude', batchId: 'msgbatch_1' };
    expect(choose(hints)).to.deep.equal(['anthropic', 'claude']);
  });

  for (const [hints, said] of [
    [
      { provider: 'openai', batchId: 'msgbatch_1' },
      '--provider openai contradicts the batch id msgbatch_1, which is one of ANTHROPIC',
    ],
    [
      { model: 'openai/gpt', batchId: 'msgbatch_1' },
      '--model openai/gpt contradicts the batch id msgbatch_1, which is one of ANTHROPIC',
    ],
  ] as const) {
    it(`refuses a conflict: ${said}`, async () => {
      expect(await refusal(hints)).to.equal(`${said} | Leave one of them out`);
    });
  }

  it('refuses a provider and a prefix that differ, and says how to write a model name with a slash', async () => {
    expect(await refusal({ provider: 'openai', model: 'anthropic/claude' }))
      .to.contain('--provider openai contradicts --model anthropic/claude')
      .and.to.contain('--model openai/anthropic/claude');
  });

  it('names the variable that holds an unknown provider', async () => {
    expect(await refusal({ configured: 'none' })).to.contain('INSTRUCTOR_PROVIDER names "none"');
  });

  it('refuses providers that are not installed, however they are named', async () => {
    for (const hints of [{ provider: 'none' }, { model: 'none/model' }]) {
      expect(await refusal(hints)).to.contain('There is no provider "none"');
    }
  });

  it('refuses a model without a name', async () => {
    expect(await refusal({ model: 'openai/' })).to.contain('--model openai/ names no model');
    expect(await refusal({ model: '' })).to.contain('--model is empty');
    expect(await refusal({ model: '/gpt' })).to.contain('There is no provider ""');
  });

  it('leaves the slashes of a model name alone', () => {
    expect(choose({ model: 'openai/ft:org/model/7' })).to.deep.equal(['openai', 'ft:org/model/7']);
    expect(choose({ provider: 'openai', model: 'meta-llama/Llama-3/8B' })).to.deep.equal([
      'openai',
      'meta-llama/Llama-3/8B',
    ]);
    expect(choose({ provider: 'silent', model: 'silent/openai/gpt' }, many)).to.deep.equal([
      'silent',
      'openai/gpt',
    ]);
  });

  describe('when several providers have ids of one shape', () => {
    it('takes the usual one if it is among them', () => {
      expect(choose({ batchId: 'batch_abc' }, many)[0]).to.equal('openai');
      expect(choose({ batchId: 'batch_abc', configured: 'twin' }, many)[0]).to.equal('twin');
    });

    it('asks which if it is not', async () => {
      expect(await refusal({ batchId: 'trip_1' }, many)).to.equal(
        'The batch id trip_1 could be one of several providers | ' +
          'Say which: --provider other or --provider triplet',
      );
    });

    it('takes the one that was named', () => {
      expect(choose({ batchId: 'trip_1', provider: 'triplet' }, many)[0]).to.equal('triplet');
      expect(choose({ batchId: 'trip_1', model: 'other/m' }, many)[0]).to.equal('other');
    });

    it('names all of them in a conflict', async () => {
      expect(await refusal({ batchId: 'trip_1', provider: 'openai' }, many)).to.contain('OTHER or TRIPLET');
    });

    it('believes in a provider that does not declare what its ids look like', () => {
      expect(choose({ batchId: 'batch_abc', provider: 'silent' }, many)[0]).to.equal('silent');
      expect(choose({ batchId: 'batch_abc', model: 'silent/m' }, many)[0]).to.equal('silent');
    });
  });
});
