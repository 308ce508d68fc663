import { inspect } from 'node:util';
import { expect } from 'chai';
import nock from 'nock';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { TEST_KEY } from '../../provider-kit/test/support/provider-options.js';
import { anthropic, AT_ONCE, batchObject, errorBody, HOST, PATH } from './support/provider.js';

const answer = (status: number, body?: nock.Body, headers: nock.ReplyHeaders = AT_ONCE, times = 1) =>
  nock(HOST).get(`${PATH}/msgbatch_1`).times(times).reply(status, body, headers);
const failure = () => providerError(anthropic().retrieve('msgbatch_1'));

describe('an error of Anthropic', () => {
  withoutNetwork();

  const once: [status: number, type: string, code: string, details?: object][] = [
    [400, 'invalid_request_error', 'invalid_request'],
    [401, 'authentication_error', 'authentication'],
    [402, 'billing_error', 'quota_exceeded'],
    [403, 'permission_error', 'permission'],
    [404, 'not_found_error', 'not_found'],
    [409, 'conflict_error', 'wrong_state'],
    [413, 'request_too_large', 'invalid_request'],
    [429, 'rate_limit_error', 'quota_exceeded', { error_code: 'enforced_spend_limit_reached' }],
  ];
  for (const [status, type, code, details] of once) {
    it(`${type} is ${code}${details ? ' at the spend limit' : ''}, and is not tried again`, async () => {
      answer(status, errorBody(type, 'the reason', details));

      expect(await failure()).to.include({ status, code, message: 'the reason', requestId: 'req_body' });
    });
  }

  for (const [status, type, code] of [
    [429, 'rate_limit_error', 'rate_limited'],
    [500, 'api_error', 'unavailable'],
    [529, 'overloaded_error', 'unavailable'],
  ] as const) {
    it(`${type} is ${code}, and is shown after three tries`, async () => {
      answer(status, errorBody(type, 'busy'), AT_ONCE, 3);

      expect(await failure()).to.include({ status, code, providerCode: type });
    });
  }

  it('about an empty account is a matter of money, although the service calls it an invalid request', async () => {
    answer(400, errorBody('invalid_request_error', 'Your credit balance is too low to access the API.'));

    expect(await failure()).to.include({ code: 'quota_exceeded', obstacle: 'billing' });
  });

  it('names both variables that may hold a key', async () => {
    answer(401, errorBody('authentication_error', 'invalid x-api-key'));

    expect((await failure()).hint).to.equal('Check the key in ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN');
  });

  it('has the request id of the header where the body has none', async () => {
    answer(404, '<html>', { 'request-id': 'req_header', 'content-type': 'text/html' });

    expect(await failure()).to.include({
      requestId: 'req_header',
      message: 'Anthropic answered 404 with a web page instead of data',
    });
  });

  it('never shows the key', async () => {
    for (const status of [400, 401, 403]) {
      answer(status, errorBody('authentication_error', `bad ${TEST_KEY}`));
      expect(inspect(await failure(), { depth: 9, showHidden: true })).not.to.include(TEST_KEY);
    }
  });

  it('is a success that is none', async () => {
    answer(200, '<html>log in</html>', { 'content-type': 'text/html' });

    expect((await failure()).message).to.equal('Anthropic sent something that is not a batch');
  });

  it('that passes is waited for', async () => {
    answer(529, errorBody('overloaded_error', 'busy'));
    answer(200, batchObject('msgbatch_1'));

    expect((await anthropic().retrieve('msgbatch_1')).id).to.equal('msgbatch_1');
  });
});
