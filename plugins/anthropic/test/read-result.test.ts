import { expect } from 'chai';
import { anyJson } from '../../provider-kit/test/support/any-json.js';
import { readResult } from '../src/read-result.js';

const line = (result?: unknown) => readResult({ custom_id: 'r', result });
const text = (value: string): object => ({ type: 'text', text: value });
const said = (message: object) =>
  line({
    type: 'succeeded',
    message: { model: 'm', stop_reason: 'end_turn', content: [text('hi')], ...message },
  });

describe('a line of Anthropic’s results', () => {
  it('is the text of all blocks, with model and tokens', () => {
    const result = said({
      content: [{ type: 'thinking', thinking: 'hmm' }, text('{"a"'), text(':1}')],
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 20,
        cache_read_input_tokens: 30,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });

    expect(result).to.deep.equal({
      customId: 'r',
      outcome: 'succeeded',
      answer: { kind: 'text', text: '{"a":1}' },
      usage: { inputTokens: 60, cachedInputTokens: 30, outputTokens: 5, reasoningTokens: 2 },
      model: 'm',
      finishReason: 'end_turn',
    });
  });

  it('reports no tokens that were not reported', () => {
    expect(said({}).usage).to.equal(undefined);
    expect(said({ usage: { input_tokens: 3 } }).usage).to.deep.equal({
      inputTokens: 3,
      cachedInputTokens: undefined,
      outputTokens: undefined,
      reasoningTokens: undefined,
    });
  });

  it('is what a tool was called with, even after some words', () => {
    const call = { type: 'tool_use', name: 'Person', input: { a: 1 } };

    for (const content of [[call], [text('Let me see.'), call]]) {
      expect(said({ content, stop_reason: 'tool_use' }).answer).to.deep.equal({
        kind: 'object',
        value: { a: 1 },
      });
    }
    expect(said({ content: [text('done'), call] }).answer).to.deep.equal({ kind: 'text', text: 'done' });
  });

  it('was refused', () => {
    const words = said({ stop_reason: 'refusal', content: [text('I cannot.')] });
    const silent = said({ stop_reason: 'refusal', content: [] });
    const explained = said({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'bio', explanation: 'why' },
    });

    expect(words).to.deep.include({ outcome: 'refused' });
    expect(words.error?.message).to.equal('I cannot.');
    expect(silent.error?.message).to.equal('The model refused to answer');
    expect(explained.error).to.include({ type: 'refusal', code: 'bio', message: 'why' });
  });

  for (const reason of ['max_tokens', 'model_context_window_exceeded', 'pause_turn']) {
    it(`is not complete when it stopped because of ${reason}`, () => {
      const result = said({ stop_reason: reason });

      expect(result).to.deep.include({ outcome: 'truncated', answer: { kind: 'text', text: 'hi' } });
      expect(result.error).to.include({ type: 'truncated', code: reason });
    });
  }

  it('has its error wrapped twice', () => {
    const error = {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'max_tokens: too large',
        details: { error_code: 'x' },
      },
      request_id: 'req_1',
    };

    expect(line({ type: 'errored', error })).to.deep.equal({
      customId: 'r',
      outcome: 'errored',
      error: {
        type: 'invalid_request_error',
        message: 'max_tokens: too large',
        code: 'x',
        requestId: 'req_1',
        retryable: false,
      },
    });
  });

  it('may succeed when it is sent again, unless the reason lasts', () => {
    const failed = (type: string, error_code?: string) =>
      line({
        type: 'errored',
        error: { type: 'error', error: { type, message: 'm', details: { error_code } } },
      }).error?.retryable;

    for (const type of ['api_error', 'overloaded_error', 'rate_limit_error', 'timeout_error', 'new_kind']) {
      expect(failed(type), type).to.equal(true);
    }
    for (const type of [
      'invalid_request_error',
      'authentication_error',
      'permission_error',
      'not_found_error',
      'request_too_large',
      'billing_error',
    ]) {
      expect(failed(type), type).to.equal(false);
    }
    expect(failed('rate_limit_error', 'enforced_spend_limit_reached')).to.equal(false);
    for (const type of ['canceled', 'expired', 'succeeded', 'errored']) {
      expect(line({ type }).error?.retryable, type).to.equal(true);
    }
  });

  it('is told apart by what is missing', () => {
    expect(line({ type: 'canceled' })).to.deep.include({ outcome: 'cancelled' });
    expect(line({ type: 'expired' })).to.deep.include({ outcome: 'expired' });
    expect(line({ type: 'new' }).error?.message).to.equal('The result has the type "new", unknown here');
    expect(line({ type: 'errored', error: null }).error?.message).to.equal('The provider gave no reason');
    expect(line({ type: 'errored', error: 'text' }).error?.message).to.equal('text');
    expect(line().error?.message).to.equal('The provider recorded no result for this request');
    expect(line({ type: 'succeeded' })).to.deep.include({ outcome: 'errored' });
  });

  it('needs a custom id and nothing else', () => {
    for (const value of [null, [], {}, { custom_id: '' }, { custom_id: 1 }]) {
      expect(() => readResult(value)).to.throw('no custom_id');
    }
    for (const value of anyJson(
      ['type', 'message', 'content', 'usage', 'error', 'stop_reason', 'text'],
      3000,
    )) {
      line(value);
      line({ type: 'succeeded', message: value });
      said({ content: value });
    }
  });
});
