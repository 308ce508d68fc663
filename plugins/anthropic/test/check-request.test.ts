import { expect } from 'chai';
import { anyJson } from '../../provider-kit/test/support/any-json.js';
import { anthropic } from './support/provider.js';

const provider = anthropic();
const messages = [{ role: 'user', content: 'hi' }];
const request = (params: object = {}, fields: object = {}) => ({
  custom_id: 'r-1',
  params: { model: 'claude-haiku-4-5', max_tokens: 10, messages, ...params },
  ...fields,
});

describe('checking a request for Anthropic', () => {
  it('finds nothing wrong with what it builds itself', () => {
    const line = provider
      .createRequestBuilder({ model: 'claude-haiku-4-5' })
      .build({ customId: 'r', messages });

    expect(provider.checkRequest(line)).to.deep.include({
      problems: [],
      customId: 'r',
      model: 'claude-haiku-4-5',
    });
  });

  const broken: [what: string, value: unknown, message: RegExp][] = [
    ['no object', [], /must be a JSON object/],
    ['no custom id', request({}, { custom_id: null }), /^custom_id is missing/],
    ['a custom id that is no text', request({}, { custom_id: 1 }), /^custom_id must be a text/],
    ['no params', { custom_id: 'r' }, /^params is missing/],
    ['params that are no object', { custom_id: 'r', params: [] }, /^params must be an object/],
    ['no model', request({ model: null }), /^params.model is missing/],
    ['no limit', request({ max_tokens: null }), /^params.max_tokens is missing/],
    ['a limit of 0', request({ max_tokens: 0 }), /^params.max_tokens must be at least 1/],
    ['no messages', request({ messages: [] }), /^params.messages must be a list/],
    ['a message without a role', request({ messages: [{}] }), /^params.messages\[0\].role is missing/],
    ['streaming', request({ stream: true }), /a batch cannot stream/],
    ['what a batch may not have', request({ store: true }), /^params.store is not allowed in a batch/],
    [
      'a refused parameter',
      request({ model: 'claude-opus-4-7', top_p: 0.5 }),
      /^params.top_p is rejected by/,
    ],
    ['a refused value', request({ model: 'claude-opus-4-7', temperature: 0 }), /accepts only 1$/],
  ];
  for (const [what, value, message] of broken) {
    it(`finds ${what}`, () => {
      const { problems } = provider.checkRequest(value);

      expect(problems).to.have.length(1);
      expect(problems[0]?.message).to.match(message);
    });
  }

  it('notes the parameters that only the older version takes', () => {
    for (const name of ['temperature', 'top_p', 'top_k']) {
      expect(provider.checkRequest(request({ [name]: 0 })).traits).to.deep.equal(['sampling']);
      expect(provider.checkRequest(request({ [name]: null })).traits).to.equal(undefined);
    }
  });

  it('throws at nothing that JSON can hold', () => {
    for (const value of anyJson(
      ['custom_id', 'params', 'model', 'messages', 'role', 'max_tokens', '__proto__'],
      3000,
    )) {
      expect(provider.checkRequest(value).problems).not.to.deep.equal([]);
      provider.checkRequest({ custom_id: 'r', params: value });
    }
  });
});
