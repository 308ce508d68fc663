import {
  ProviderError,
  type Batch,
  type BatchFileKind,
  type BatchProvider,
} from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { z } from 'zod';
import { collectResults, type CollectOptions } from '../../src/core/collect-results.js';
import { createRowReader } from '../../src/core/read-results.js';
import { readRequestIds } from '../../src/core/request-ids.js';
import type { BatchResult } from '../../src/core/result-row.js';
import { ResultSummary } from '../../src/core/result-summary.js';
import { toResponseModel, type ResponseModel } from '../../src/schema/response-model.js';
import { failureOf, providerFailureOf } from '../support/failure-of.js';
import { allOf, arriving, inPieces } from '../support/streams.js';
import { fakeProvider, makeBatch } from './support/fake-provider.js';

interface Given {
  output?: string[];
  errors?: string[];
  batch?: Partial<Batch>;
  ids?: string[] | AsyncIterable<string[]>;
  model?: ResponseModel;
  provider?: Partial<BatchProvider>;
  options?: Partial<CollectOptions>;
}

interface Collected {
  rows: BatchResult[];
  summary: ResultSummary;
  unreadable: { file: string; reason: string }[];
  gone: number;
}

function answer(id: string, text = `answer to ${id}`): string {
  return JSON.stringify({ custom_id: id, answer: text });
}

function broken(id: string, error = 'no luck'): string {
  return JSON.stringify({ custom_id: id, error });
}

async function collect({ output, errors, batch, ids, model, provider, options }: Given): Promise<Collected> {
  const contents: Partial<Record<BatchFileKind, string[]>> = { output, errors };
  const fake = fakeProvider({
    openFile: async ({ kind }) => ({
      stream: inPieces(contents[kind]?.join('\n') ?? '', 40),
      offset: 0,
    }),
    ...provider,
  });
  const kinds = (['output', 'errors'] as const).filter((kind) => contents[kind]);
  const summary = new ResultSummary();
  const unreadable: Collected['unreadable'] = [];
  let gone = 0;
  const compiled = model && fake.compileSchema(model.jsonSchema, { model: 'm', name: 'x' });
  const blocks = collectResults({
    provider: fake,
    name: 'Fake',
    batches: [
      makeBatch({
        files: [{ kind: 'input', id: 'in' }, ...kinds.map((kind) => ({ kind, id: kind }))],
        ...batch,
      }),
    ],
    readRow: createRowReader(fake, model, () => compiled),
    summary,
    requestIds: Array.isArray(ids) ? arriving(ids.slice(0, 2), ids.slice(2)) : ids,
    onUnreadable: ({ file, reason }) => unreadable.push({ file, reason }),
    onRequestsGone: () => (gone += 1),
    ...options,
  });
  const rows = (await allOf(blocks)).flat();
  return { rows, summary, unreadable, gone };
}

function brief(rows: BatchResult[]): string[] {
  return rows.map((row) => `${row.customId} ${row.outcome}`);
}

/** A request file that is not there any more: it shows when it is opened. */
async function* goneFile(...before: string[][]): AsyncGenerator<string[]> {
  yield* before;
  throw new ProviderError('not_found', 'no such file');
}

describe('collecting results', () => {
  it('counts a request once, however often its id stands in the request file', async () => {
    const { rows, summary } = await collect({ output: [answer('a')], ids: ['a', 'b', 'a', 'b'] });
    expect(rows.map(({ customId, outcome }) => [customId, outcome])).to.deep.equal([
      ['a', 'succeeded'],
      ['b', 'missing'],
    ]);
    expect(summary.repeatedRequests).to.equal(2);
  });

  it('refuses a request file in which there is no request', async () => {
    const failure = await failureOf(() => collect({ output: [answer('a')], ids: [] }));
    expect(failure.message).to.equal('The requests file holds no request');
  });

  it('is not flawless if answers belong to no request', async () => {
    const { summary } = await collect({ output: [answer('a'), answer('b')], ids: ['a'] });
    expect(summary.unexpected).to.equal(1);
    expect(summary.flawless).to.equal(false);
  });

  it('gives rows in the order of the requests, of both files', async () => {
    const { rows, summary } = await collect({
      output: [answer('c'), answer('a')],
      errors: [broken('b')],
      ids: ['a', 'b', 'c'],
    });
    expect(brief(rows)).to.deep.equal(['a succeeded', 'b errored', 'c succeeded']);
    expect(rows[0]).to.include({ success: true, result: 'answer to a' });
    expect(rows[1]).to.deep.include({ success: false, error: { type: 'broken', message: 'no luck' } });
    expect(summary.total).to.equal(3);
  });

  it('gives every one of many rows once, whatever the order of the answers', async () => {
    const ids = Array.from({ length: 5000 }, (_, index) => `row-${index}`);
    const shuffled = ids.map((_, index) => ids[(index * 2741) % 5000] ?? '');
    const { rows } = await collect({
      output: shuffled.filter((_, index) => index % 3 !== 0).map((id) => answer(id)),
      errors: shuffled.filter((_, index) => index % 3 === 0).map((id) => broken(id)),
      ids,
    });
    expect(rows.map(({ customId }) => customId)).to.deep.equal(ids);
    expect(rows.every((row) => !row.success || row.result === `answer to ${row.customId}`)).to.equal(true);
  });

  it('gives a row for each request without an answer', async () => {
    const { rows, summary } = await collect({ output: [answer('b')], ids: ['a', 'b', 'c'] });
    expect(brief(rows)).to.deep.equal(['a missing', 'b succeeded', 'c missing']);
    expect(rows[0]).to.have.nested.property('error.type', 'no_result');
    expect(summary.flawless).to.equal(false);
  });

  it('gives a missing row for each request if there are no result files at all', async () => {
    expect(brief((await collect({ ids: ['a', 'b', 'c'] })).rows)).to.deep.equal([
      'a missing',
      'b missing',
      'c missing',
    ]);
  });

  it("gives the provider's reason for every row of a failed batch", async () => {
    const problems = [{ code: 'bad_line', message: 'Line 2 is bad', line: 2 }];
    const { rows } = await collect({ ids: ['a'], batch: { status: 'failed', problems } });
    expect(rows[0]).to.deep.include({
      outcome: 'missing',
      error: { type: 'batch_failed', message: 'Line 2 is bad', code: 'bad_line' },
    });
    const silent = await collect({ ids: ['a'], batch: { status: 'failed' } });
    expect(silent.rows[0]).to.have.nested.property(
      'error.message',
      'The batch failed before any request was answered',
    );
  });

  for (const ids of [['a', 'b'], undefined]) {
    const how = ids ? 'in order' : 'as they come';
    it(`counts a second answer to a request and gives the first, ${how}`, async () => {
      const { rows, summary } = await collect({
        output: [answer('a', 'first'), answer('b'), answer('a', 'second')],
        errors: [broken('a')],
        ids,
      });
      expect(brief(rows)).to.deep.equal(['a succeeded', 'b succeeded']);
      expect(rows[0]).to.include({ result: 'first' });
      expect(summary.duplicates).to.equal(2);
    });

    it(`says which lines cannot be read, and goes on, ${how}`, async () => {
      const { rows, summary, unreadable } = await collect({
        output: [answer('a'), 'half a li', '{"custom":1}', '', answer('b')],
        ids,
      });
      expect(brief(rows)).to.deep.equal(['a succeeded', 'b succeeded']);
      expect(summary.unreadableLines).to.equal(2);
      expect(unreadable.map(({ file }) => file)).to.deep.equal(['the output file', 'the output file']);
      expect(unreadable[1]?.reason).to.equal('it has no custom id');
      expect(summary.flawless).to.equal(false);
    });
  }

  it('shows answers that belong to no request, at the end', async () => {
    const { rows, summary } = await collect({
      output: [answer('x'), answer('a'), answer('y')],
      ids: ['a'],
    });
    expect(brief(rows)).to.deep.equal(['a succeeded', 'x succeeded', 'y succeeded']);
    expect(summary.unexpected).to.equal(2);
  });

  it('gives rows as they come without the requests, and counts what has no result', async () => {
    const { rows, summary } = await collect({
      output: [answer('c'), 'junk', answer('a')],
      batch: { requests: { total: 5 } },
    });
    expect(brief(rows)).to.deep.equal(['c succeeded', 'a succeeded']);
    expect(summary.unaccounted).to.equal(2);
  });

  it('gives rows as they came if the request file is gone, and says so', async () => {
    const { rows, summary, gone } = await collect({
      output: [answer('c'), answer('a')],
      batch: { requests: { total: 4 } },
      ids: goneFile(),
    });
    expect(brief(rows)).to.deep.equal(['c succeeded', 'a succeeded']);
    expect(gone).to.equal(1);
    expect(summary.unaccounted).to.equal(2);
    expect(summary.unexpected).to.equal(0);
  });

  it('gives no row twice if the request file vanishes while it is read', async () => {
    const { rows } = await collect({
      output: [answer('c'), answer('a'), answer('b')],
      ids: goneFile(['a']),
    });
    expect(brief(rows)).to.deep.equal(['a succeeded', 'c succeeded', 'b succeeded']);
  });

  it('counts a line that cannot be read once when the request file is gone', async () => {
    const { rows, summary } = await collect({
      output: ['{"custom_id":"a", oops', answer('b')],
      batch: { requests: { total: 4 } },
      ids: goneFile(),
      provider: { customIdAtStart: (line) => /"custom_id":"(\w+)"/.exec(line)?.[1] },
    });
    expect(brief(rows)).to.deep.equal(['b succeeded']);
    expect(summary.unreadableLines).to.equal(1);
    expect(summary.unaccounted).to.equal(2);
  });

  it('does not hide another failure of the request file', async () => {
    const ids = (async function* (): AsyncGenerator<string[]> {
      yield ['a'];
      throw new ProviderError('permission', 'not yours');
    })();
    const failure = await providerFailureOf(() => collect({ output: [answer('a')], ids }));
    expect(failure.code).to.equal('permission');
  });

  it('keeps the row of a request whose result line is damaged behind its id', async () => {
    const { rows, summary } = await collect({
      output: ['{"custom_id":"a", oops', answer('b')],
      ids: ['a', 'b'],
      provider: { customIdAtStart: (line) => /"custom_id":"(\w+)"/.exec(line)?.[1] },
    });
    expect(brief(rows)).to.deep.equal(['a missing', 'b succeeded']);
    expect(rows[0]).to.have.nested.property('error.type', 'unreadable_result');
    expect(summary.unreadableLines).to.equal(1);
  });

  it('takes the order from a request file, whose unreadable and blank lines count for nothing', async () => {
    const provider = fakeProvider();
    const file = '\uFEFF{"custom_id":"b"}\r\n\n oops \n{"custom_id":"a"}\n{"x":1}';
    const { rows } = await collect({
      output: [answer('a'), answer('b')],
      ids: readRequestIds(provider, inPieces(file, 5), 'requests'),
    });
    expect(brief(rows)).to.deep.equal(['b succeeded', 'a succeeded']);
  });

  describe('with a response model', () => {
    const Event = z.object({ when: z.iso.datetime().transform((text) => new Date(text)) });
    const good = '{"when":"2026-01-02T03:04:05Z"}';

    for (const ids of [['a', 'b'], undefined]) {
      const how = ids ? 'in order' : 'as they come';
      it(`gives what the transforms of the schema made, ${how}`, async () => {
        const model = await toResponseModel(Event, 'Event');
        const { rows } = await collect({ output: [answer('a', good)], ids: ids && ['a'], model });
        expect(rows[0]).to.deep.include({ result: { when: new Date('2026-01-02T03:04:05Z') } });
      });

      it(`keeps an answer that does not fit, with the reason, ${how}`, async () => {
        const model = await toResponseModel(Event, 'Event');
        const { rows } = await collect({
          output: [answer('a', '{"when":1}'), answer('b', 'Sorry, no')],
          ids,
          model,
        });
        expect(brief(rows)).to.deep.equal(['a invalid', 'b invalid']);
        expect(rows[0]).to.include({ answer: '{"when":1}' });
        expect(rows[0])
          .to.have.nested.property('error.message')
          .that.matches(/^when: /);
        expect(rows[1]).to.include({ answer: 'Sorry, no' });
      });

      it(`waits for a check that takes its time, ${how}`, async () => {
        const Slow = z.object({ n: z.number().refine(async (n) => n > 1, 'too small') });
        const model = await toResponseModel(Slow, 'Slow');
        const { rows } = await collect({
          output: [answer('a', '{"n":1}'), answer('b', '{"n":2}')],
          ids,
          model,
        });
        expect(brief(rows)).to.deep.equal(['a invalid', 'b succeeded']);
        expect(rows[0]).to.have.nested.property('error.message', 'n: too small');
      });

      it(`goes on when a check of the user's own fails, ${how}`, async () => {
        const model: ResponseModel = {
          name: 'own',
          jsonSchema: {},
          validate: async (value) => {
            if ((value as { n: number }).n === 1) throw new Error('boom');
            return { ok: true, value };
          },
        };
        const { rows, summary } = await collect({
          output: [answer('a', '{"n":1}'), answer('b', '{"n":2}')],
          ids,
          model,
        });
        expect(brief(rows)).to.deep.equal(ids ? ['a missing', 'b succeeded'] : ['b succeeded']);
        expect(summary.unreadableLines).to.equal(1);
      });
    }
  });
});
