import { expect } from 'chai';
import nock from 'nock';
import type { SubmitOptions } from '@instructor-cli/provider-kit';
import { caught, providerError } from '../../provider-kit/test/support/caught.js';
import { withoutServer, withServer } from '../../provider-kit/test/support/loopback.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { TEST_KEY } from '../../provider-kit/test/support/provider-options.js';
import { requestSource } from '../../provider-kit/test/support/request-source.js';
import { anthropic, AT_ONCE, batchObject, errorBody, HOST, PATH } from './support/provider.js';

const lines = [
  { custom_id: 'r-1', params: { messages: [{ content: 'zwei\nZeilen, ü' }] } },
  { custom_id: 'r-2', params: {} },
];
const submit = (options: Partial<SubmitOptions> = {}, provider = anthropic()) =>
  provider.submit({ source: requestSource(lines), traits: [], ...options });
const at = (url: string) =>
  anthropic({ env: { ANTHROPIC_API_KEY: TEST_KEY, ANTHROPIC_BASE_URL: url }, maxRetries: 0 });

describe('submitting to Anthropic', () => {
  withoutNetwork();

  it('sends the lines as the list of one call, whatever the pieces they are read in', async () => {
    for (const pieceBytes of [1, 7, 100_000]) {
      const sent: number[] = [];
      const source = requestSource(lines, pieceBytes);
      nock(HOST)
        .post(PATH, (body) => {
          expect(body).to.deep.equal({ requests: lines });
          return true;
        })
        .reply(200, batchObject('msgbatch_1'));

      const batch = await submit({ source, onProgress: (bytes) => sent.push(bytes) });
      expect(batch).to.deep.include({ id: 'msgbatch_1', requests: { total: 2 } });
      expect(sent.at(-1)).to.equal(source.bytes);
    }
  });

  it('announces the exact length', async () => {
    let received = '';
    let headers: Record<string, unknown> = {};
    await withServer(
      (request, response) => {
        headers = request.headers;
        request.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
        request.on('end', () =>
          response.writeHead(200, AT_ONCE).end(JSON.stringify(batchObject('msgbatch_1'))),
        );
      },
      async (url) => void (await submit({}, at(url))),
    );

    expect(JSON.parse(received)).to.deep.equal({ requests: lines });
    expect(headers).not.to.have.property('transfer-encoding');
    expect(headers['content-length']).to.equal(String(Buffer.byteLength(received)));
    expect(headers['content-type']).to.equal('application/json');
  });

  it('asks for the older version only for parameters that the present one refuses', async () => {
    const versions: unknown[] = [];
    for (const traits of [[], ['sampling']]) {
      nock(HOST)
        .post(PATH)
        .reply(function () {
          versions.push(new Headers(this.req.headers as Record<string, string>).get('anthropic-version'));
          return [200, batchObject('msgbatch_1')];
        });
      await submit({ traits });
    }

    expect(versions[0]).not.to.equal('2023-06-01');
    expect(versions[1]).to.equal('2023-06-01');
  });

  it('passes on what the service refuses, once', async () => {
    const refusal = errorBody(
      'invalid_request_error',
      'requests.0.custom_id: String should have at most 64 characters',
    );
    nock(HOST).post(PATH).reply(400, refusal, { 'request-id': 'req_1' });

    const error = await providerError(submit());
    expect(error).to.include({
      code: 'invalid_request',
      providerCode: 'invalid_request_error',
      requestId: 'req_body',
    });
    expect(error.message).to.match(/^requests.0.custom_id/);
    expect(error.outcomeUnknown).to.equal(undefined);
  });

  it('passes on that the file cannot be read', async () => {
    const failure = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    const source = requestSource(lines);
    source.open = () => {
      throw failure;
    };
    nock(HOST).post(PATH).optionally().reply(200, batchObject('msgbatch_1'));

    expect(await caught(submit({ source }))).to.equal(failure);
  });

  it('knows that nothing was created if nothing was sent', async () => {
    await withoutServer(async (url) => {
      const error = await providerError(submit({}, at(url)));
      expect(error.code).to.equal('network');
      expect(error.outcomeUnknown).to.equal(undefined);
    });
  });
});

describe('a lost answer to the creation of an Anthropic batch', () => {
  withoutNetwork();

  const listed = (...data: unknown[]) =>
    nock(HOST).get(`${PATH}?limit=100`).reply(200, { data, has_more: false });

  it('names the batches that fit, and creates none', async () => {
    nock(HOST).post(PATH).reply(500, errorBody('api_error', 'oops'), AT_ONCE);
    listed(
      { odd: true },
      null,
      batchObject('msgbatch_other', { request_counts: { processing: 7 } }),
      batchObject('msgbatch_old', { created_at: '2026-01-01T00:00:00Z' }),
      batchObject('msgbatch_fits'),
    );

    const error = await providerError(submit());
    expect(error).to.include({ code: 'unavailable', message: 'oops', outcomeUnknown: true });
    expect(error.hint).to.match(/do not submit again.*These batches fit: msgbatch_fits$/);
  });

  it('says so if none was listed, or if the list cannot be had', async () => {
    nock(HOST).post(PATH).reply(200, '<html>', { 'content-type': 'text/html' });
    listed();
    expect((await providerError(submit())).hint).to.match(/None was listed a moment ago/);

    nock(HOST).post(PATH).reply(504, errorBody('timeout_error', 'late'), AT_ONCE);
    nock(HOST).get(`${PATH}?limit=100`).times(3).reply(529, errorBody('overloaded_error', 'x'), AT_ONCE);
    const error = await providerError(submit());
    expect(error).to.include({ message: 'late', outcomeUnknown: true });
    expect(error.hint).to.match(/Look for it with/);
  });

  it('is an open question after a cut connection, too', async () => {
    nock(HOST).post(PATH).reply(200, '{"id":"msgb', { 'content-type': 'application/json' });
    listed(batchObject('msgbatch_1'));

    expect((await providerError(submit())).hint).to.include('msgbatch_1');
  });
});

describe('a lost answer of Anthropic that the caller looks into', () => {
  withoutNetwork();

  it('is told at once', async () => {
    nock(HOST).post(PATH).reply(529, errorBody('overloaded_error', 'busy'), AT_ONCE);

    const error = await providerError(submit({ leaveLost: true }));
    expect(error).to.include({ code: 'unavailable', outcomeUnknown: true });
    expect(error.hint).to.match(/Look for it with/);
  });

  it('is none if nothing was sent, or if the service said no', async () => {
    await withoutServer(async (url) => {
      expect((await providerError(submit({ leaveLost: true }, at(url)))).outcomeUnknown).to.equal(undefined);
    });
    nock(HOST)
      .post(PATH)
      .reply(429, errorBody('rate_limit_error', 'Too many batch requests in the processing queue'));
    const error = await providerError(submit({ leaveLost: true }));
    expect(error).to.include({ code: 'rate_limited', obstacle: 'queue_full' });
    expect(error.outcomeUnknown).to.equal(undefined);
  });
});
