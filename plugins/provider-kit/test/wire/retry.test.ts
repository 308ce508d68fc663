import { expect } from 'chai';
import { ProviderError, type ProviderErrorCode } from '@instructor-cli/provider-kit';
import { withRetries } from '@instructor-cli/provider-kit/wire';
import { caught } from '../support/caught.js';

const failing = (code: ProviderErrorCode, retryAfterSeconds?: number) => {
  const error = new ProviderError(code, 'the reason', { retryAfterSeconds });
  const call = async (): Promise<never> => {
    call.tries += 1;
    throw error;
  };
  call.tries = 0;
  call.error = error;
  return call;
};

describe('repeating a call', () => {
  it('goes on until it succeeds, and tells of each pause', async () => {
    const pauses: unknown[] = [];
    let tries = 0;
    const answer = await withRetries(
      async () => {
        tries += 1;
        if (tries < 3) throw new ProviderError('rate_limited', 'slow down', { retryAfterSeconds: 0.001 });
        return 'done';
      },
      { onRetry: (retry) => pauses.push(retry) },
    );

    expect(answer).to.equal('done');
    expect(pauses).to.deep.equal([
      { reason: 'slow down', delayMs: 1 },
      { reason: 'slow down', delayMs: 1 },
    ]);
  });

  for (const code of ['rate_limited', 'unavailable', 'network'] as const) {
    it(`is done twice more for ${code}`, async () => {
      const call = failing(code, 0);

      expect(await caught(withRetries(call))).to.equal(call.error);
      expect(call.tries).to.equal(3);
    });
  }

  for (const code of ['authentication', 'quota_exceeded', 'not_found', 'invalid_request'] as const) {
    it(`is not done for ${code}`, async () => {
      const call = failing(code, 0);

      expect(await caught(withRetries(call))).to.equal(call.error);
      expect(call.tries).to.equal(1);
    });
  }

  it('is not done for a bug', async () => {
    const bug = new TypeError('x is not a function');
    expect(await caught(withRetries(() => Promise.reject(bug)))).to.equal(bug);
  });

  it('gives up at once if the provider asks for more than a minute', async () => {
    const call = failing('rate_limited', 61);

    expect(await caught(withRetries(call))).to.equal(call.error);
    expect(call.tries).to.equal(1);
  });

  it('can be turned off', async () => {
    const call = failing('unavailable', 0);

    await caught(withRetries(call, { maxRetries: 0 }));
    expect(call.tries).to.equal(1);
  });

  it('waits half a second the first time if the provider asks for nothing', async () => {
    const delays: number[] = [];
    const controller = new AbortController();
    await caught(
      withRetries(failing('unavailable'), {
        signal: controller.signal,
        onRetry: ({ delayMs }) => {
          delays.push(delayMs);
          controller.abort();
        },
      }),
    );

    expect(delays).to.have.length(1);
    expect(delays[0]).to.be.within(375, 500);
  });

  it('is interrupted during a pause with the reason of whoever interrupted', async () => {
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const call = failing('rate_limited', 30);
    setTimeout(() => controller.abort(reason), 10);

    expect(await caught(withRetries(call, { signal: controller.signal }))).to.equal(reason);
    expect(call.tries).to.equal(1);
  });
});
