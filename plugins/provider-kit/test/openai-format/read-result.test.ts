import { expect } from 'chai';
import { readOpenAIResult } from '@instructor-cli/provider-kit/openai-format';
import { anyJson } from '../support/any-json.js';

const line = (fields: object) => readOpenAIResult({ id: 'batch_req_1', custom_id: 'r', ...fields });
const answered = (body: unknown, status_code: unknown = 200) =>
  line({ response: { status_code, request_id: 'req_1', body }, error: null });
const chat = (message: object, finish_reason = 'stop') =>
  answered({ model: 'm-1', choices: [{ message: { role: 'assistant', ...message }, finish_reason }] });
const responses = (fields: object) =>
  answered({ object: 'response', status: 'completed', output: [], ...fields });
const message = (...content: object[]): object => ({ type: 'message', role: 'assistant', content });

describe('a line of a result file that failed', () => {
  it('has its reason in the body, beside an error that is null', () => {
    const error = {
      message: 'max_tokens is too large',
      type: 'invalid_request_error',
      param: 'max_tokens',
      code: null,
    };

    expect(answered({ error }, 400)).to.deep.equal({
      customId: 'r',
      outcome: 'errored',
      error: {
        type: 'invalid_request_error',
        message: 'max_tokens is too large',
        code: undefined,
        status: 400,
        requestId: 'req_1',
        retryable: false,
      },
    });
  });

  it('never ran, because the batch expired or was cancelled', () => {
    const never = (code: string) => line({ response: null, error: { code, message: 'why' } });

    expect(never('batch_expired')).to.deep.include({ outcome: 'expired' });
    expect(never('batch_cancelled')).to.deep.include({ outcome: 'cancelled' });
    expect(never('batch_canceled')).to.deep.include({ outcome: 'cancelled' });
    expect(never('other')).to.deep.include({ outcome: 'errored' });
    expect(never('batch_expired').error).to.include({ type: 'batch_expired', message: 'why' });
  });

  it('got no answer at all: the status is 0', () => {
    const { outcome, error } = answered(null, 0);

    expect(outcome).to.equal('errored');
    expect(error).to.include({
      type: 'no_response',
      message: 'The provider recorded no answer for this request',
    });
  });

  it('says why in a bare text, or in an error within the error', () => {
    const bare = line({ response: { status_code: 400, body: null }, error: 'URL is not supported' });
    const flat = line({
      response: { status_code: 404 },
      error: { object: 'error', message: 'no such model', type: 'NotFoundError', code: 404 },
    });
    const nested = line({
      response: null,
      error: { error: { message: 'deep', type: 'BadRequestError', code: 400 } },
    });

    expect(bare.error).to.include({ message: 'URL is not supported', status: 400 });
    expect(flat.error).to.include({ message: 'no such model', type: 'NotFoundError' });
    expect(nested.error).to.include({ message: 'deep', type: 'BadRequestError' });
  });

  it('says why in the body, as a text, a flat object, or no object at all', () => {
    expect(answered({ error: 'the reason' }, 500).error?.message).to.equal('the reason');
    expect(answered({ message: 'the reason', type: 't' }, 500).error).to.include({
      message: 'the reason',
      type: 't',
    });
    expect(answered('the reason', 500).error?.message).to.equal('the reason');
  });

  it('is not a success because its status says so', () => {
    expect(answered({ error: { message: 'overloaded', type: 'server_error' } })).to.deep.include({
      outcome: 'errored',
    });
    expect(answered(null).error?.message).to.equal('The provider recorded a success, but no answer');
    expect(answered({ choices: [] })).to.deep.include({ outcome: 'errored' });
  });

  it('is not a failure because of an error that says nothing', () => {
    const response = { status_code: 200, body: { choices: [{ message: { content: 'hi' } }] } };
    for (const error of [null, undefined, '', {}]) {
      expect(line({ response, error }).outcome, JSON.stringify(error)).to.equal('succeeded');
    }
  });

  it('may succeed when it is sent again, if the reason lies with the service or passes', () => {
    const failed = (status: number, error: object = {}) => answered({ error }, status).error?.retryable;

    for (const status of [0, 408, 409, 429, 500, 502, 503])
      expect(failed(status), `${status}`).to.equal(true);
    expect(answered({ error: { type: 'server_error', message: 'overloaded' } }).error?.retryable).to.equal(
      true,
    );
    expect(answered(null).error?.retryable).to.equal(true);
    expect(answered({ choices: [] }).error?.retryable).to.equal(true);
    expect(line({ response: null, error: null }).error?.retryable).to.equal(true);
    for (const code of ['batch_expired', 'batch_cancelled']) {
      expect(line({ response: null, error: { code } }).error?.retryable, code).to.equal(true);
    }
    expect(responses({ status: 'failed', error: { code: 'server_error' } }).error?.retryable).to.equal(true);
    expect(responses({ status: 'in_progress' }).error?.retryable).to.equal(true);
  });

  it('fails again when it is sent again, if the reason lasts', () => {
    const failed = (status: number, error: object = {}) => answered({ error }, status).error?.retryable;

    for (const status of [400, 401, 403, 404, 413, 422]) expect(failed(status), `${status}`).to.equal(false);
    expect(failed(429, { code: 'insufficient_quota' })).to.equal(false);
    expect(failed(429, { type: 'billing_hard_limit' })).to.equal(false);
    expect(failed(400, { code: 'content_policy_violation' })).to.equal(false);
    expect(failed(200, { type: 'invalid_request_error', message: 'no' })).to.equal(false);
    expect(line({ response: null, error: { type: 'BadRequestError', code: 400 } }).error?.retryable).to.equal(
      false,
    );
    expect(responses({ status: 'failed', error: { code: 'invalid_prompt' } }).error?.retryable).to.equal(
      false,
    );
  });

  it('cannot be told apart without a custom id', () => {
    for (const value of [null, [], 'x', {}, { custom_id: '' }, { custom_id: 7 }]) {
      expect(() => readOpenAIResult(value)).to.throw('no custom_id');
    }
  });

  it('is read whatever it holds', () => {
    const fields = [
      'response',
      'error',
      'status_code',
      'body',
      'choices',
      'output',
      'message',
      'content',
      'data',
      'usage',
    ];
    for (const value of anyJson(fields, 3000)) {
      line(typeof value === 'object' ? (value ?? {}) : { response: value });
      answered(value);
      chat({ content: value, tool_calls: value });
      responses({ output: value, error: value });
    }
  });
});

describe('a chat completion in a result file', () => {
  it('is its text, with the model and the tokens', () => {
    const result = answered({
      model: 'gpt-4o-mini-2024-07-18',
      choices: [{ message: { content: 'hi', refusal: null }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });

    expect(result).to.deep.equal({
      customId: 'r',
      outcome: 'succeeded',
      answer: { kind: 'text', text: 'hi' },
      finishReason: 'stop',
      model: 'gpt-4o-mini-2024-07-18',
      usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 2 },
    });
  });

  it('was refused by the model or by the filter', () => {
    expect(chat({ content: null, refusal: 'I cannot.' })).to.deep.include({ outcome: 'refused' });
    expect(chat({ content: null, refusal: 'I cannot.' }).error?.message).to.equal('I cannot.');
    expect(chat({ content: 'half' }, 'content_filter')).to.deep.include({ outcome: 'refused' });
  });

  it('keeps the part that came before the token limit', () => {
    const result = chat({ content: '{"a":' }, 'length');

    expect(result).to.deep.include({ outcome: 'truncated', answer: { kind: 'text', text: '{"a":' } });
    expect(result.error?.message).to.match(/token limit/);
  });

  it('is what a tool was called with', () => {
    const call = (args: unknown) =>
      chat({ content: null, tool_calls: [{ function: { name: 'f', arguments: args } }] });

    expect(call('{"a":1}').answer).to.deep.equal({ kind: 'text', text: '{"a":1}' });
    expect(call({ a: 1 }).answer).to.deep.equal({ kind: 'object', value: { a: 1 } });
    expect(chat({ function_call: { name: 'f', arguments: '{}' } }).answer).to.deep.equal({
      kind: 'text',
      text: '{}',
    });
  });

  it('may come in parts, or as a plain completion', () => {
    expect(
      chat({
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      }).answer,
    ).to.deep.equal({
      kind: 'text',
      text: 'ab',
    });
    expect(answered({ choices: [{ text: 'plain', finish_reason: 'stop' }] }).answer).to.deep.equal({
      kind: 'text',
      text: 'plain',
    });
  });

  it('reports no tokens that were not reported', () => {
    expect(chat({ content: 'x' }).usage).to.equal(undefined);
    expect(answered({ choices: [{ message: {} }], usage: { prompt_tokens: 3 } }).usage).to.deep.equal({
      inputTokens: 3,
      cachedInputTokens: undefined,
      outputTokens: undefined,
      reasoningTokens: undefined,
    });
  });
});

describe('an answer of the Responses API in a result file', () => {
  it('is the text of its messages, not the thoughts before them', () => {
    const result = responses({
      output: [
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hmm' }] },
        message({ type: 'output_text', text: '{"a"' }, { type: 'output_text', text: ':1}' }),
      ],
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
      },
    });

    expect(result).to.deep.include({
      outcome: 'succeeded',
      answer: { kind: 'text', text: '{"a":1}' },
      usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 2 },
    });
  });

  it('was refused', () => {
    const refusal = responses({ output: [message({ type: 'refusal', refusal: 'No.' })] });
    const filtered = responses({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } });

    expect(refusal).to.deep.include({ outcome: 'refused' });
    expect(refusal.error?.message).to.equal('No.');
    expect(filtered).to.deep.include({ outcome: 'refused' });
  });

  it('is cut short at the token limit, or for a reason unknown here', () => {
    const output = [message({ type: 'output_text', text: '{"a' })];
    const limit = responses({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output,
    });
    const unknown = responses({ status: 'incomplete', incomplete_details: null, output });

    expect(limit).to.deep.include({
      outcome: 'truncated',
      finishReason: 'length',
      answer: { kind: 'text', text: '{"a' },
    });
    expect(limit.error?.message).to.match(/token limit/);
    expect(unknown).to.deep.include({ outcome: 'truncated', finishReason: 'incomplete' });
  });

  it('failed inside a successful call', () => {
    const result = responses({ status: 'failed', error: { code: 'server_error', message: 'oops' } });

    expect(result).to.deep.include({ outcome: 'errored' });
    expect(result.error).to.include({ type: 'server_error', message: 'oops' });
  });

  it('was never finished', () => {
    expect(responses({ status: 'cancelled' })).to.deep.include({ outcome: 'cancelled' });
    expect(responses({ status: 'in_progress' })).to.deep.include({ outcome: 'errored' });
    expect(responses({ status: 'queued' })).to.deep.include({ outcome: 'errored' });
  });

  it('is what a function was called with', () => {
    expect(
      responses({ output: [{ type: 'function_call', name: 'f', arguments: '{"a":1}' }] }).answer,
    ).to.deep.equal({
      kind: 'text',
      text: '{"a":1}',
    });
  });
});

describe('an embedding in a result file', () => {
  const list = (...vectors: unknown[]) =>
    answered({
      object: 'list',
      model: 'e-1',
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });

  it('is the vector, or the list of vectors', () => {
    expect(list([1, 2])).to.deep.include({ outcome: 'succeeded', answer: { kind: 'data', value: [1, 2] } });
    expect(list([1], [2]).answer).to.deep.equal({ kind: 'data', value: [[1], [2]] });
    expect(list([1]).usage?.inputTokens).to.equal(2);
  });

  it('and anything unknown is passed on as it came', () => {
    expect(answered({ results: [{ flagged: true }] }).answer).to.deep.equal({
      kind: 'data',
      value: { results: [{ flagged: true }] },
    });
  });
});
