import { expect } from 'chai';
import { errorFromAnswer, readRetryAfter } from '@instructor-cli/provider-kit/wire';

const provider = 'Acme';
const credentials = ['ACME_KEY'];

describe('the kind of an HTTP failure', () => {
  const kinds: [status: number, body: unknown, code: string][] = [
    [400, { error: { message: 'no' } }, 'invalid_request'],
    [400, { error: { message: 'no', code: 'billing_hard_limit_reached' } }, 'quota_exceeded'],
    [401, {}, 'authentication'],
    [402, {}, 'quota_exceeded'],
    [403, {}, 'permission'],
    [403, { error: { type: 'billing_error' } }, 'quota_exceeded'],
    [404, {}, 'not_found'],
    [408, {}, 'unavailable'],
    [409, {}, 'wrong_state'],
    [413, {}, 'invalid_request'],
    [422, {}, 'invalid_request'],
    [429, { error: { code: 'rate_limit_exceeded' } }, 'rate_limited'],
    [429, { error: { code: 'insufficient_quota' } }, 'quota_exceeded'],
    [429, { error: { details: { error_code: 'enforced_spend_limit_reached' } } }, 'quota_exceeded'],
    [500, {}, 'unavailable'],
    [529, {}, 'unavailable'],
  ];
  for (const [status, body, code] of kinds) {
    it(`is ${code} for ${status} ${JSON.stringify(body)}`, () => {
      expect(errorFromAnswer({ provider, credentials, status, body }).code).to.equal(code);
    });
  }

  it('is network if no answer came', () => {
    const error = errorFromAnswer({ provider, credentials });

    expect(error).to.include({ code: 'network', message: 'Acme could not be reached' });
    expect(error.status).to.equal(undefined);
  });
});

describe('the message of an HTTP failure', () => {
  const message = (body: unknown, status = 400): string =>
    errorFromAnswer({ provider, credentials, status, body }).message;

  it("is the provider's own, wherever it stands", () => {
    for (const body of [
      { error: { message: 'the reason' } },
      { error: 'the reason' },
      { message: 'the reason' },
      { detail: 'the reason' },
      { error: { error: 'x', message: 'the reason' } },
    ]) {
      expect(message(body), JSON.stringify(body)).to.equal('the reason');
    }
  });

  it('names the status where nothing is said', () => {
    expect(message({})).to.equal('Acme answered 400');
    expect(message({ error: '' })).to.equal('Acme answered 400');
    expect(message(null, 500)).to.equal('Acme answered 500: the service failed');
    expect(message([], 502)).to.equal('Acme answered 502: the service failed');
  });

  it('quotes plain text, but no web page', () => {
    expect(message('upstream connect error\n', 503)).to.equal('Acme answered 503: upstream connect error');
    expect(message('x'.repeat(9000), 503)).to.have.length.below(400);
    expect(message('<!doctype html><title>502</title>', 502)).to.equal(
      'Acme answered 502 with a web page instead of data',
    );
  });

  it('carries what a user needs to ask the provider', () => {
    const error = errorFromAnswer({
      provider,
      credentials,
      status: 401,
      headers: new Headers({ 'x-request-id': 'req_1' }),
      body: {
        error: { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' },
      },
    });

    expect(error).to.include({
      status: 401,
      providerCode: 'invalid_api_key',
      requestId: 'req_1',
      hint: 'Check the key in ACME_KEY',
    });
  });

  it('never repeats the key, even if the service does', () => {
    const secret = 'sk-very-secret';
    const error = errorFromAnswer({
      provider,
      credentials,
      secrets: [secret],
      status: 401,
      body: { error: { message: `Incorrect API key: ${secret}` } },
      cause: new Error('outer', { cause: { body: `key ${secret}` } }),
    });

    expect(error.message).to.equal('Incorrect API key: ***');
    expect(error.cause).to.equal(undefined);
    expect(JSON.stringify(error)).not.to.include(secret);
  });

  it('says what to do about a body that is too large', () => {
    const error = errorFromAnswer({ provider, credentials, status: 413, body: '<html>' });

    expect(error.hint).to.match(/smaller batches/);
  });
});

describe('the pause a provider asks for', () => {
  const pause = (headers: Record<string, string>): number | undefined => readRetryAfter(new Headers(headers));

  it('is read in milliseconds, in seconds and as a date', () => {
    expect(pause({ 'retry-after-ms': '1500', 'retry-after': '9' })).to.equal(1.5);
    expect(pause({ 'retry-after': '9' })).to.equal(9);
    expect(pause({ 'retry-after': new Date(Date.now() + 30_000).toUTCString() })).to.be.within(28, 31);
  });

  it('is never negative, and unknown if it makes no sense', () => {
    expect(pause({ 'retry-after': '-5' })).to.equal(0);
    expect(pause({ 'retry-after-ms': '-5' })).to.equal(0);
    expect(pause({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })).to.equal(0);
    expect(pause({ 'retry-after': 'later' })).to.equal(undefined);
    expect(pause({})).to.equal(undefined);
    expect(readRetryAfter(undefined)).to.equal(undefined);
  });

  it('is told in whole seconds', () => {
    const headers = new Headers({ 'retry-after-ms': '1200' });

    expect(errorFromAnswer({ provider, status: 429, headers }).hint).to.equal('Try again in 2 s');
  });
});
