import { expect } from 'chai';
import { ProviderError } from '@instructor-cli/provider-kit';
import { createSdkCaller } from '@instructor-cli/provider-kit/wire';
import { caught } from '../support/caught.js';
import { providerOptions } from '../support/provider-options.js';

const options = providerOptions('openai');
const busy = new ProviderError('unavailable', 'busy', { retryAfterSeconds: 0 });

describe('calling through an SDK', () => {
  it('connects with the first call, and once', async () => {
    let connected = 0;
    const caller = createSdkCaller(options, async () => (connected += 1));

    expect(connected).to.equal(0);
    expect(
      await Promise.all([caller.once(async (client) => client), caller.repeat(async (client) => client)]),
    ).to.deep.equal([1, 1]);
    expect(connected).to.equal(1);
  });

  it('does not even connect after an interruption', async () => {
    const reason = new Error('Ctrl-C');
    const caller = createSdkCaller(options, () => expect.fail('connected'));

    expect(await caught(caller.once(async () => 1, AbortSignal.abort(reason)))).to.equal(reason);
  });

  it('asks how to settle the failure of a repeated try, not of the first', async () => {
    const gone = new ProviderError('not_found', 'gone');
    const caller = createSdkCaller(options, async () => undefined);
    const failures = [busy, gone, gone];
    const call = async (): Promise<string> => {
      throw failures.shift()!;
    };

    expect(await caller.repeat(call, undefined, async () => 'settled')).to.equal('settled');
    expect(await caught(caller.repeat(call, undefined, async () => 'settled'))).to.equal(gone);
  });
});
