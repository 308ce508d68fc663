import { expect } from 'chai';
import type { ProviderOptions } from '@instructor-cli/provider-kit';
import { caught, providerError } from '../../provider-kit/test/support/caught.js';
import { collectText } from '../../provider-kit/test/support/collect.js';
import { withoutServer, withServer } from '../../provider-kit/test/support/loopback.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { TEST_KEY } from '../../provider-kit/test/support/provider-options.js';
import { requestSource } from '../../provider-kit/test/support/request-source.js';
import { AT_ONCE, batchObject, openai } from './support/provider.js';

const at = (url: string, options: Partial<ProviderOptions> = {}) =>
  openai({ env: { OPENAI_API_KEY: TEST_KEY, OPENAI_BASE_URL: `${url}/v1` }, maxRetries: 0, ...options });

describe('the connection to OpenAI', () => {
  withoutNetwork();

  it('that nobody accepts is told as that', async () => {
    await withoutServer(async (url) => {
      expect(await providerError(at(url).retrieve('batch_1'))).to.include({
        code: 'network',
        message: 'OpenAI could not be reached: nothing answers at that address (ECONNREFUSED)',
      });
    });
  });

  it('that is cut before or within the answer is told as that', async () => {
    for (const begin of [false, true]) {
      await withServer(
        (_request, response) => {
          if (begin)
            response.writeHead(200, { 'content-type': 'application/json', 'content-length': 99 }).write('{');
          setTimeout(() => response.destroy(), 20);
        },
        async (url) => {
          const error = await providerError(at(url).retrieve('batch_1'));
          expect(error.code).to.equal('network');
          expect(error.message).to.match(/the connection was cut/);
        },
      );
    }
  });

  it('that stays silent ends after the time limit', async () => {
    await withServer(
      () => undefined,
      async (url) => {
        const error = await providerError(at(url, { timeoutMs: 50 }).retrieve('batch_1'));
        expect(error).to.include({
          code: 'network',
          message: 'OpenAI could not be reached: no answer came in time',
        });
      },
    );
  });

  it('is given up during a call with the reason of whoever interrupted', async () => {
    const reason = new Error('Ctrl-C');
    const controller = new AbortController();
    await withServer(
      () => controller.abort(reason),
      async (url) => {
        expect(await caught(at(url).retrieve('batch_1', { signal: controller.signal }))).to.equal(reason);
      },
    );
  });

  it('is given up during the pause before another try', async () => {
    const reason = new Error('Ctrl-C');
    const controller = new AbortController();
    let calls = 0;
    await withServer(
      (_request, response) => {
        calls += 1;
        response.writeHead(503, { 'retry-after': '20' }).end();
      },
      async (url) => {
        const provider = at(url, { maxRetries: 2, onRetry: () => controller.abort(reason) });
        expect(await caught(provider.retrieve('batch_1', { signal: controller.signal }))).to.equal(reason);
      },
    );
    expect(calls).to.equal(1);
  });

  it('is given up while a file is being read', async () => {
    const controller = new AbortController();
    await withServer(
      (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write('some');
        setTimeout(() => controller.abort(), 20);
      },
      async (url) => {
        const opened = await at(url).openFile({ kind: 'output', id: 'f' }, { signal: controller.signal });
        expect(await caught(collectText(opened.stream))).to.have.property('name', 'AbortError');
      },
    );
  });

  it('carries an upload with its exact length, not in chunks of unknown number', async () => {
    const headers: Record<string, unknown>[] = [];
    let received = 0;
    await withServer(
      (request, response) => {
        headers.push(request.headers);
        request.on(
          'data',
          (chunk: Buffer) => (received += request.url === '/v1/files' ? chunk.byteLength : 0),
        );
        request.on('end', () => {
          const body = request.url === '/v1/files' ? { id: 'file-1' } : batchObject('batch_1');
          response.writeHead(200, AT_ONCE).end(JSON.stringify(body));
        });
      },
      async (url) => {
        const source = requestSource(
          Array.from({ length: 5000 }, (_, index) => ({ custom_id: `r-${index}` })),
          4096,
        );
        await at(url, { userAgent: 'instructor/1' }).submit({ source, traits: [] });
      },
    );

    const [upload] = headers;
    expect(upload).not.to.have.property('transfer-encoding');
    expect(upload).to.include({ 'content-length': String(received), 'user-agent': 'instructor/1' });
  });
});
