import { expect } from 'chai';
import nock from 'nock';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { anthropic, AT_ONCE, errorBody, HOST } from './support/provider.js';

const PATH = '/v1/messages';
const params = { model: 'claude-haiku-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
const ask = (request: unknown = { custom_id: 'r-1', params }, provider = anthropic({ maxRetries: 0 })) =>
  provider.askNow!(request);

describe('asking Anthropic one request', () => {
  withoutNetwork();

  it('gives the line that the results would have, in the version that the request needs', async () => {
    const message = { type: 'message', content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' };
    const versions: unknown[] = [];
    for (const asked of [params, { ...params, temperature: 0.5 }]) {
      nock(HOST)
        .post(PATH, asked)
        .reply(function () {
          versions.push(new Headers(this.req.headers as Record<string, string>).get('anthropic-version'));
          return [200, message];
        });
      const line = await ask({ custom_id: 'r-1', params: asked });

      expect(line).to.deep.equal({ custom_id: 'r-1', result: { type: 'succeeded', message } });
      expect(anthropic().readResult(line)).to.include({ customId: 'r-1', outcome: 'succeeded' });
    }
    expect(versions[0]).not.to.equal('2023-06-01');
    expect(versions[1]).to.equal('2023-06-01');
  });

  for (const [status, type] of [
    [400, 'invalid_request_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
  ] as const) {
    it(`gives a line for a refusal with ${status}, too`, async () => {
      nock(HOST).post(PATH).reply(status, errorBody(type, 'the reason'), AT_ONCE);

      const line = await ask();

      expect(line).to.deep.equal({
        custom_id: 'r-1',
        result: {
          type: 'errored',
          error: { type: 'error', error: { type, message: 'the reason' }, request_id: 'req_body' },
        },
      });
      expect(anthropic().readResult(line)).to.include({ customId: 'r-1', outcome: 'errored' });
    });
  }

  for (const [status, type, message, code] of [
    [400, 'invalid_request_error', 'Your credit balance is too low', 'quota_exceeded'],
    [401, 'authentication_error', 'no', 'authentication'],
    [429, 'rate_limit_error', 'slow', 'rate_limited'],
    [529, 'overloaded_error', 'busy', 'unavailable'],
  ] as const) {
    it(`throws ${code}: it is not about this request`, async () => {
      nock(HOST).post(PATH).reply(status, errorBody(type, message), AT_ONCE);

      expect((await providerError(ask())).code).to.equal(code);
    });
  }
});
