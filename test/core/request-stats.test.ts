import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchProvider, ProviderDeclaration, RequestContent } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { countRequests, type RequestStats, type StatsOptions } from '../../src/core/request-stats.js';
import { failureOf, thrownBy } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { declare, fakeProvider } from './support/fake-provider.js';

interface Request {
  custom_id?: string;
  ask?: unknown;
  model?: string;
  max?: number;
  images?: number;
}

/** Each word of `ask` is one token. */
function contentOf(request: unknown): RequestContent {
  const { ask, max, images = 0 } = (request ?? {}) as Request;
  const texts = typeof ask === 'string' ? [ask] : [];
  return { texts, overheadTokens: 3, images, ...(max === undefined ? {} : { maxOutputTokens: max }) };
}

const TOKENIZERS: ProviderDeclaration['tokenizers'] = [
  { match: '^secret', encoding: 'o200k_base', factor: 2, errorPercent: 15 },
  { match: '^odd', encoding: 'cl100k_base', errorPercent: 25 },
  { match: '^plain', encoding: 'o200k_base' },
];

describe('counting a request file', () => {
  let path: string;
  let remove: () => Promise<void>;
  before(async () => {
    const folder = await temporaryFolder();
    ({ remove } = folder);
    path = join(folder.path, 'requests.jsonl');
  });
  after(() => remove());

  async function count(
    requests: (Request | string)[],
    options: Partial<StatsOptions> & {
      declared?: Partial<ProviderDeclaration>;
      implemented?: Partial<BatchProvider>;
    } = {},
  ): Promise<RequestStats> {
    const lines = requests.map((request, index) =>
      typeof request === 'string'
        ? request
        : JSON.stringify({ custom_id: `r${index}`, model: 'plain', ...request }),
    );
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
    return await countRequests({
      path,
      name: 'F',
      provider: fakeProvider({ contentOf, ...options.implemented }),
      declaration: declare({ tokenizers: TOKENIZERS, ...options.declared }),
      ...options,
    });
  }
  const words = (count: number): string => Array.from({ length: count }, () => ' word').join('');

  it('adds up requests, bytes, tokens, limits and images', async () => {
    const stats = await count([
      { ask: words(10), max: 100 },
      '',
      { ask: words(20), images: 2 },
      { ask: words(30), max: 50, images: 1 },
    ]);
    expect(stats).to.deep.include({
      requests: 3,
      models: [['plain', 3]],
      output: { total: 150, unlimited: 1 },
      images: 3,
      batches: 1,
      batchesByTokens: undefined,
    });
    expect(stats.bytes).to.be.greaterThan(300);
    expect(stats.tokens).to.deep.equal({
      total: 69,
      requests: 3,
      mean: 23,
      median: 23,
      p95: 33,
      max: 33,
      encodings: ['o200k_base'],
      estimated: [],
      uncounted: [],
    });
    expect(stats.longest.map(({ line, customId, tokens }) => [line, customId, tokens])).to.deep.equal([
      [4, 'r3', 33],
      [3, 'r2', 23],
      [1, 'r0', 13],
    ]);
  });

  it('keeps the five longest, the earlier of equal ones first', async () => {
    const sizes = [1, 5, 3, 5, 2, 4, 5, 1];
    const { longest } = await count(sizes.map((size) => ({ ask: words(size) })));
    expect(longest.map(({ line }) => line)).to.deep.equal([2, 4, 7, 6, 3]);
  });

  it('counts the same text the same, whatever came before', async () => {
    const { longest } = await count(
      ['plain', 'secret', 'secret', 'plain'].map((model) => ({ ask: words(8), model })),
    );
    expect(longest.map(({ line, tokens }) => [line, tokens])).to.deep.equal([
      [2, 19],
      [3, 19],
      [1, 11],
      [4, 11],
    ]);
  });

  it('says how wrong it may be, and for which models', async () => {
    const { tokens } = await count(
      ['secret', 'plain', 'odd', 'secret', 'unheard-of'].map((model) => ({ ask: words(1), model })),
    );
    expect(tokens).to.deep.include({
      requests: 4,
      encodings: ['o200k_base', 'cl100k_base'],
      errorPercent: 25,
      estimated: ['secret', 'odd'],
      uncounted: ['unheard-of'],
    });
  });

  it('counts batches by what one holds, by model where a batch has one, and by tokens', async () => {
    const requests = ['plain', 'secret', 'plain', 'plain'].map((model) => ({ ask: words(5), model }));
    const by = async (
      limits: ProviderDeclaration['limits'],
      maxTokensPerBatch?: number,
    ): Promise<unknown> => {
      const { batches, batchesByTokens } = await count(requests, { declared: { limits }, maxTokensPerBatch });
      return [batches, batchesByTokens?.batches, batchesByTokens?.tooLarge];
    };
    expect(await by({ requests: 2 })).to.deep.equal([2, undefined, undefined]);
    expect(await by({ requests: 2, oneModelPerBatch: true })).to.deep.equal([3, undefined, undefined]);
    expect(await by({}, 16)).to.deep.equal([1, 3, 0]);
    expect(await by({}, 8)).to.deep.equal([1, 4, 1]);
  });

  it('counts what could not be sent, and tells of it', async () => {
    const { requests, problems } = await count([{ custom_id: 'x' }, { custom_id: 'x' }]);
    expect([requests, problems.total]).to.deep.equal([2, 1]);
  });

  it('counts nothing where a line cannot be read, or the file is empty or of another provider', async () => {
    const broken = await failureOf(() => count([{}, '{oops', {}]));
    expect(broken.message).to.equal('F has a problem; nothing was counted');
    expect(broken.details?.[0]).to.match(/^F:2: not valid JSON/);
    expect((await failureOf(() => count([]))).details).to.deep.equal(['F: there is no request in it']);
    const other = declare({ id: 'other', name: 'Other', requestKeys: ['id'] });
    const foreign = await failureOf(() => count(['{"id":"x"}', '{"id":"y"}'], { others: [other] }));
    expect(foreign.details?.[0]).to.match(/an Other request file/);
  });

  it('is nothing that every provider has', async () => {
    for (const lacking of [
      { declared: { tokenizers: undefined } },
      { implemented: { contentOf: undefined } },
    ]) {
      const failure = await failureOf(() => count([{}], lacking));
      expect(failure.kind).to.equal('unsupported');
      expect(failure.message).to.equal('The tokens of Fake cannot be counted');
    }
  });

  it('ends when it is interrupted', async () => {
    const signal = AbortSignal.abort();
    expect(await thrownBy(() => count([{}], { signal }))).to.have.property('name', 'AbortError');
  });
});
