import { expect } from 'chai';
import { readOpenAIBatch } from '@instructor-cli/provider-kit/openai-format';
import { anyJson } from '../support/any-json.js';

const read = (fields: object) => readOpenAIBatch({ id: 'batch_1', object: 'batch', ...fields }, 'Acme');

describe('reading a batch of OpenAI’s shape', () => {
  it('reads a completed one', () => {
    const batch = read({
      status: 'completed',
      endpoint: '/v1/chat/completions',
      model: 'gpt-4o-mini-2024-07-18',
      completion_window: '24h',
      input_file_id: 'file-in',
      output_file_id: 'file-out',
      error_file_id: 'file-err',
      created_at: 1711471064,
      in_progress_at: 1711471070,
      finalizing_at: 1711471090,
      completed_at: 1711471091,
      expires_at: 1711557464,
      request_counts: { total: 3, completed: 2, failed: 1 },
      metadata: { team: 'x' },
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
      },
    });

    expect(batch).to.deep.include({
      status: 'completed',
      rawStatus: 'completed',
      unknownStatus: false,
      model: 'gpt-4o-mini-2024-07-18',
      counts: { completed: 2, failed: 1, total: 3 },
      requests: { total: 3, succeeded: 2, failed: 1, processing: 0 },
      usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 2 },
      metadata: { team: 'x' },
      files: [
        { kind: 'input', id: 'file-in' },
        { kind: 'output', id: 'file-out' },
        { kind: 'errors', id: 'file-err' },
      ],
    });
    expect(batch.times.ended?.toISOString()).to.equal('2024-03-26T16:38:11.000Z');
  });

  it('does not show the zeros of a batch that is being validated as counts', () => {
    const batch = read({
      status: 'validating',
      request_counts: { total: 0, completed: 0, failed: 0 },
      usage: { input_tokens: 0, output_tokens: 0 },
    });

    expect(batch).to.deep.include({ status: 'pending', counts: {}, requests: {}, usage: undefined });
  });

  it('shows the reasons of a failed one with their lines', () => {
    const { problems } = read({
      status: 'failed',
      errors: {
        object: 'list',
        data: [
          { code: 'invalid_json_line', message: 'This line is not parseable.', param: null, line: 3 },
          { code: 'token_limit_exceeded', message: 'Limit reached.', line: null },
          'odd',
          null,
        ],
      },
    });

    expect(problems.map(({ code, message, line }) => [code, message, line])).to.deep.equal([
      ['invalid_json_line', 'This line is not parseable.', 3],
      ['token_limit_exceeded', 'Limit reached.', undefined],
      [undefined, 'odd', undefined],
      [undefined, 'no reason given', undefined],
    ]);
  });

  it('tells what stood in its way, and the limit that was named', () => {
    const { problems } = read({
      status: 'failed',
      errors: {
        data: [
          {
            code: 'token_limit_exceeded',
            message: 'Enqueued token limit reached for gpt-4o. Limit: 90,000 enqueued tokens.',
          },
          { code: 'invalid_json_line', message: 'This line is not parseable.', line: 3 },
        ],
      },
    });

    expect(problems[0]).to.include({ obstacle: 'queue_full', limitTokens: 90_000 });
    expect(problems[1]).not.to.have.property('obstacle');
  });

  it('shows a reason that is no list too', () => {
    for (const errors of ['the reason', { message: 'the reason' }, [{ message: 'the reason' }]]) {
      expect(read({ errors }).problems[0]?.message, JSON.stringify(errors)).to.equal('the reason');
    }
    for (const errors of [null, {}, '', [], { data: null }])
      expect(read({ errors }).problems).to.deep.equal([]);
  });

  const statuses: [raw: string, status: string][] = [
    ['validating', 'pending'],
    ['in_progress', 'processing'],
    ['finalizing', 'processing'],
    ['cancelling', 'cancelling'],
    ['canceling', 'cancelling'],
    ['canceled', 'cancelled'],
    ['COMPLETED', 'completed'],
    ['Expired', 'expired'],
    ['FAILED', 'failed'],
  ];
  for (const [raw, status] of statuses) {
    it(`understands the status ${raw}`, () => {
      expect(read({ status: raw })).to.include({ status, rawStatus: raw, unknownStatus: false });
    });
  }

  for (const raw of ['paused', 'constructor', '__proto__']) {
    it(`shows the unknown status ${raw} as it is`, () => {
      expect(read({ status: raw })).to.include({ status: 'processing', rawStatus: raw, unknownStatus: true });
    });
  }

  it('does with nothing but an id', () => {
    const batch = read({
      status: null,
      request_counts: null,
      metadata: null,
      errors: null,
      usage: null,
      created_at: null,
      output_file_id: null,
    });

    expect(batch).to.deep.include({ rawStatus: 'unknown', unknownStatus: true, files: [], problems: [] });
    expect(batch.metadata).to.equal(undefined);
    expect(batch.requests.total).to.equal(undefined);
    expect(batch.requests.failed).to.equal(undefined);
  });

  it('keeps counts of a service that gives no total', () => {
    const { counts, requests } = read({
      status: 'in_progress',
      request_counts: { completed: '2', failed: 1 },
    });

    expect(counts).to.deep.equal({ completed: 2, failed: 1, total: undefined });
    expect(requests).to.deep.equal({ total: undefined, succeeded: 2, failed: 1, processing: undefined });
  });

  it('says so if it is no batch', () => {
    for (const raw of [undefined, null, 'text', [], {}, { id: '' }, { id: 5 }]) {
      expect(() => readOpenAIBatch(raw, 'Acme'), JSON.stringify(raw)).to.throw(
        'Acme sent something that is not a batch',
      );
    }
  });

  it('reads anything that has an id', () => {
    const fields = [
      'status',
      'errors',
      'data',
      'request_counts',
      'metadata',
      'usage',
      'created_at',
      'total',
      '__proto__',
    ];
    for (const value of anyJson(fields, 2000)) {
      const batch = read(typeof value === 'object' ? (value ?? {}) : { status: value });
      expect(batch.times.created?.getTime()).not.to.be.NaN;
    }
  });
});
