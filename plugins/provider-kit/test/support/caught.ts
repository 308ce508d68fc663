import { expect } from 'chai';
import { isProviderError, type ProviderError } from '@instructor-cli/provider-kit';

/** What a promise is rejected with. */
export async function caught(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return expect.fail(`expected a failure, but got ${JSON.stringify(value)}`);
}

/** The provider's error that a promise is rejected with. */
export async function providerError(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await caught(promise);
  if (!isProviderError(error)) throw error;
  return error;
}
