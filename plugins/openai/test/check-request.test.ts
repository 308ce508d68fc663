import { expect } from 'chai';
import { anyJson } from '../../provider-kit/test/support/any-json.js';
import { openai } from './support/provider.js';

const provider = openai();
const messages = [{ role: 'user', content: 'hi' }];
const request = (body: object = {}, fields: object = {}) => ({
  custom_id: 'r-1',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-4o-mini', messages, ...body },
  ...fields,
});
const problems = (value: unknown): string[] =>
  provider.checkRequest(value).problems.map(({ message }) => message);

describe('checking a request for OpenAI', () => {
  it('finds nothing wrong with what it builds itself', () => {
    for (const endpoint of ['/v1/chat/completions', '/v1/responses', '/v1/embeddings']) {
      for (const model of ['gpt-4o-mini', 'o3', 'gpt-5']) {
        const settings = { model, endpoint, maxTokens: { value: 1000, explicit: false } };
        const line = provider.createRequestBuilder(settings).build({ customId: 'r', messages });

        expect(provider.checkRequest(line)).to.deep.equal({ problems: [], customId: 'r', model, endpoint });
      }
    }
  });

  const broken: [what: string, value: unknown, message: string][] = [
    ['no object', 'x', 'a request must be a JSON object'],
    ['no custom id', request({}, { custom_id: undefined }), 'custom_id is missing'],
    ['a custom id that is no text', request({}, { custom_id: 7 }), 'custom_id must be a text'],
    ['no method', request({}, { method: undefined }), 'method is missing'],
    ['another method', request({}, { method: 'GET' }), 'method must be "POST"'],
    ['no url', request({}, { url: undefined }), 'url is missing'],
    [
      'an unknown endpoint',
      request({}, { url: '/v1/videos' }),
      'url "/v1/videos" is not an endpoint for batches',
    ],
    ['no body', request({}, { body: undefined }), 'body is missing'],
    ['a body that is no object', request({}, { body: [] }), 'body must be an object'],
    ['no model', request({ model: '' }), 'body.model is missing'],
    ['no messages', request({ messages: undefined }), 'body.messages is missing'],
    ['empty messages', request({ messages: [] }), 'body.messages must be a list with at least one message'],
    [
      'a message without a role',
      request({ messages: [{ content: 'x' }] }),
      'body.messages[0].role is missing',
    ],
    ['streaming', request({ stream: true }), 'body.stream: a batch cannot stream'],
    [
      'an empty input',
      { ...request(), url: '/v1/embeddings', body: { model: 'e', input: [] } },
      'body.input is empty',
    ],
    [
      'the old name of a limit',
      request({ model: 'o3', max_tokens: 5 }),
      'body.max_tokens is rejected by o3, a reasoning model',
    ],
    [
      'a temperature for a reasoning model',
      request({ model: 'gpt-5', temperature: 0 }),
      'body.temperature: gpt-5, a reasoning model, accepts only 1',
    ],
    [
      'a parameter that a reasoning model refuses',
      request({ model: 'o1', logit_bias: {} }),
      'body.logit_bias is rejected by o1, a reasoning model',
    ],
    [
      'a name of chat completions on the Responses API',
      { ...request(), url: '/v1/responses', body: { model: 'gpt-4o', input: 'x', max_tokens: 5 } },
      'body.max_tokens is not known to /v1/responses',
    ],
  ];
  for (const [what, value, message] of broken) {
    it(`finds ${what}`, () => {
      expect(problems(value)).to.deep.equal([message]);
    });
  }

  it('allows what is set to null, and an input that a stored prompt replaces', () => {
    expect(problems(request({ model: 'o3', max_tokens: null, temperature: null }))).to.deep.equal([]);
    expect(
      problems({ ...request(), url: '/v1/responses', body: { model: 'gpt-4o', prompt: { id: 'pmpt_1' } } }),
    ).to.deep.equal([]);
  });

  it('is not confused by words that JavaScript knows', () => {
    for (const url of ['constructor', '__proto__', 'toString']) {
      expect(problems(request({}, { url }))).to.deep.equal([`url "${url}" is not an endpoint for batches`]);
    }
  });

  it('throws at nothing that JSON can hold', () => {
    const fields = [
      'custom_id',
      'method',
      'url',
      'body',
      'model',
      'messages',
      'role',
      'input',
      'stream',
      '__proto__',
    ];
    for (const value of anyJson(fields, 3000)) {
      expect(provider.checkRequest(value).problems, JSON.stringify(value)).not.to.deep.equal([]);
      provider.checkRequest({ custom_id: 'x', method: 'POST', url: '/v1/responses', body: value });
    }
  });
});
