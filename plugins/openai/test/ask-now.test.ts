import { expect } from 'chai';
import nock from 'nock';
import { caught, providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { AT_ONCE, HOST, openai } from './support/provider.js';

const PATH = '/v1/chat/completions';
const body = { model: 'gpt-4o-mini', messages: [] };
const request = { custom_id: 'r-1', method: 'POST', url: PATH, body };
const ask = (asked: unknown = request, provider = openai()) => provider.askNow!(asked);

describe('asking OpenAI one request', () => {
  withoutNetwork();

  it('gives the line that an output file would have', async () => {
    const answer = { id: 'chatcmpl-1', choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] };
    nock(HOST).post(PATH, body).reply(503, {}, AT_ONCE);
    nock(HOST).post(PATH, body).reply(200, answer, { 'x-request-id': 'req_1' });

    const line = await ask();

    expect(line).to.deep.equal({
      id: 'chatcmpl-1',
      custom_id: 'r-1',
      response: { status_code: 200, request_id: 'req_1', body: answer },
      error: null,
    });
    expect(openai().readResult(line)).to.include({ customId: 'r-1', outcome: 'succeeded' });
  });

  it('keeps the version of the base URL', async () => {
    nock('https://gateway.example').post('/openai/v1/chat/completions').reply(200, { id: 'x', choices: [] });
    const env = {
      OPENAI_API_KEY: 'sk-test-0123456789',
      OPENAI_BASE_URL: 'https://gateway.example/openai/v1',
    };

    await ask(request, openai({ env }));
  });

  for (const status of [400, 404, 409, 413, 422]) {
    it(`gives a line for a refusal with ${status}, too`, async () => {
      const error = {
        message: 'The model `x` does not exist',
        type: 'invalid_request_error',
        code: 'c',
        param: null,
      };
      nock(HOST)
        .post(PATH)
        .reply(status, { error }, { ...AT_ONCE, 'x-request-id': 'req_1' });

      const line = await ask();

      expect(line).to.deep.include({
        custom_id: 'r-1',
        response: { status_code: status, request_id: 'req_1', body: { error } },
        error: null,
      });
      expect(openai().readResult(line)).to.include({ customId: 'r-1', outcome: 'errored' });
    });
  }

  for (const [status, error, code] of [
    [401, {}, 'authentication'],
    [403, {}, 'permission'],
    [429, { code: 'rate_limit_exceeded' }, 'rate_limited'],
    [429, { code: 'insufficient_quota' }, 'quota_exceeded'],
    [500, {}, 'unavailable'],
  ] as const) {
    it(`throws ${code}: it is not about this request`, async () => {
      nock(HOST)
        .post(PATH)
        .reply(status, { error: { message: 'no', ...error } }, AT_ONCE);

      expect((await providerError(ask(request, openai({ maxRetries: 0 })))).code).to.equal(code);
    });
  }

  it('throws where a web page answers, and does not ask it again', async () => {
    nock(HOST).post(PATH).reply(404, '<html>', { 'content-type': 'text/html' });
    expect((await providerError(ask())).code).to.equal('not_found');

    nock(HOST).post(PATH).reply(200, '<html>', { 'content-type': 'text/html' });
    expect((await providerError(ask())).code).to.equal('unavailable');
  });

  it('sends the key nowhere else', async () => {
    for (const url of [
      'https://evil.example/v1/chat',
      '//evil.example/x',
      '/v1/../admin',
      '@evil.example',
      7,
    ]) {
      expect((await providerError(ask({ ...request, url }))).code).to.equal('invalid_request');
    }
  });

  it('can be interrupted', async () => {
    const controller = new AbortController();
    nock(HOST).post(PATH).delay(5000).reply(200, {});
    setTimeout(() => controller.abort(new Error('enough')), 20);

    const error = await caught(openai().askNow!(request, { signal: controller.signal }));
    expect((error as Error).message).to.equal('enough');
    nock.abortPendingRequests();
  });
});
