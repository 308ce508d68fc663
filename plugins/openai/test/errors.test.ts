import { inspect } from 'node:util';
import { expect } from 'chai';
import nock from 'nock';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { TEST_KEY } from '../../provider-kit/test/support/provider-options.js';
import { AT_ONCE, batchObject, HOST, openai } from './support/provider.js';

const answer = (status: number, body?: nock.Body, headers: nock.ReplyHeaders = {}, times = 1) =>
  nock(HOST).get('/v1/batches/batch_1').times(times).reply(status, body, headers);
const retrieve = (provider = openai()) => provider.retrieve('batch_1');
const failure = () => providerError(retrieve());

describe('an error of OpenAI', () => {
  withoutNetwork();

  it('about the key names the variable and the request', async () => {
    answer(
      401,
      {
        error: {
          message: 'Incorrect API key provided: sk-te***6789.',
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        },
      },
      { 'x-request-id': 'req_1' },
    );

    expect(await failure()).to.include({
      code: 'authentication',
      status: 401,
      message: 'Incorrect API key provided: sk-te***6789.',
      providerCode: 'invalid_api_key',
      requestId: 'req_1',
      hint: 'Check the key in OPENAI_API_KEY',
    });
  });

  it('never shows the key, even if a gateway repeats it', async () => {
    answer(401, { error: { message: `Bad key ${TEST_KEY}` }, authorization: `Bearer ${TEST_KEY}` });
    const error = await failure();

    expect(error.message).to.equal('Bad key ***');
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.to.include(TEST_KEY);
  });

  it('shows no key in any other failure either', async () => {
    for (const [status, body] of [
      [403, {}],
      [500, { error: { message: 'x' } }],
      [502, '<html>'],
    ] as const) {
      answer(status, body, AT_ONCE, status >= 500 ? 3 : 1);
      const error = await failure();
      expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.to.include(TEST_KEY);
    }
  });

  const once: [status: number, body: nock.Body, code: string][] = [
    [400, { error: { message: 'bad' } }, 'invalid_request'],
    [403, { error: { message: 'no access' } }, 'permission'],
    [404, { error: { message: "No batch found with id 'batch_1'." } }, 'not_found'],
    [409, { error: { message: 'state' } }, 'wrong_state'],
    [413, '<html>413 Request Entity Too Large</html>', 'invalid_request'],
    [
      429,
      { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } },
      'quota_exceeded',
    ],
  ];
  for (const [status, body, code] of once) {
    it(`of status ${status} is ${code} and is not tried again`, async () => {
      answer(status, body, AT_ONCE);

      expect(await failure()).to.include({ status, code });
    });
  }

  it('that passes is waited for as long as the service asks', async () => {
    answer(429, { error: { message: 'slow', code: 'rate_limit_exceeded' } }, AT_ONCE, 2);
    answer(200, batchObject('batch_1'));
    const delays: number[] = [];

    await retrieve(openai({ onRetry: ({ delayMs }) => delays.push(delayMs) }));
    expect(delays).to.deep.equal([1, 1]);
  });

  it('that asks for more patience than a minute is shown at once', async () => {
    answer(429, { error: { message: 'slow' } }, { 'retry-after': '120' });

    expect(await failure()).to.include({
      code: 'rate_limited',
      retryAfterSeconds: 120,
      hint: 'Try again in 120 s',
    });
  });

  it('without a wish for a pause is tried again after half a second', async () => {
    answer(429, { error: { message: 'slow' } });
    answer(200, batchObject('batch_1'));
    const delays: number[] = [];

    await retrieve(openai({ onRetry: ({ delayMs }) => delays.push(delayMs) }));
    expect(delays).to.have.length(1);
    expect(delays[0]).to.be.within(375, 500);
  });

  it('that stays is shown after three tries', async () => {
    answer(
      500,
      { error: { message: 'The server had an error' } },
      { ...AT_ONCE, 'x-request-id': 'req_2' },
      3,
    );

    expect(await failure()).to.include({
      code: 'unavailable',
      status: 500,
      message: 'The server had an error',
      requestId: 'req_2',
    });
  });

  it('is in words where a gateway sends a page, or a text', async () => {
    answer(
      502,
      '<html><h1>502 Bad Gateway</h1></html>',
      { 'retry-after-ms': '1', 'content-type': 'text/html' },
      3,
    );
    expect((await failure()).message).to.equal('OpenAI answered 502 with a web page instead of data');

    answer(503, 'no healthy upstream', { 'retry-after-ms': '1', 'content-type': 'text/plain' }, 3);
    expect((await failure()).message).to.equal('OpenAI answered 503: no healthy upstream');
  });

  it('keeps the reason that a compatible service writes elsewhere', async () => {
    for (const body of [
      { object: 'error', message: 'the reason', type: 'BadRequestError', code: 400 },
      { detail: 'the reason' },
      { error: 'the reason' },
      { message: 'the reason' },
    ]) {
      answer(400, body, { 'content-type': 'application/json' });
      expect((await failure()).message, JSON.stringify(body)).to.equal('the reason');
    }
  });

  it('is an answer that is cut short, or none', async () => {
    answer(200, '{"id":"batch_1","sta', { 'content-type': 'application/json' });
    const error = await providerError(retrieve(openai({ maxRetries: 0 })));
    expect(error).to.include({
      code: 'unavailable',
      message: 'OpenAI sent an answer that is cut short or not JSON',
    });

    answer(200, '', { 'content-length': '0', 'content-type': 'application/json' });
    expect((await failure()).message).to.equal('OpenAI sent something that is not a batch');
  });

  it('is a page behind a success', async () => {
    answer(200, '<html>log in</html>', { 'content-type': 'text/html' });

    expect(await failure()).to.include({
      code: 'unavailable',
      hint: 'Check that the base URL points at its API',
    });
  });
});
