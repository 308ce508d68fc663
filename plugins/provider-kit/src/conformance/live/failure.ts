import {
  isProviderError,
  PROVIDER_ERROR_CODES,
  type ProviderError,
  type ProviderErrorCode,
} from '../../contract/errors.js';
import { ensure, fail, show } from '../ensure.js';

/** The error of a call that has to fail. It must be one of the kit's, and give no key away. */
export async function failureOf(
  what: string,
  call: Promise<unknown>,
  keys: readonly string[],
): Promise<ProviderError> {
  const error = await call.then(
    (value: unknown) => fail(`${what} gave ${show(value)}, but should have failed`),
    (thrown: unknown) => thrown,
  );
  ensure(isProviderError(error), `${what} failed with something else than a ProviderError: ${show(error)}`);
  ensure(
    PROVIDER_ERROR_CODES.includes(error.code),
    `${what} failed with the unknown code ${show(error.code)}`,
  );
  ensure(typeof error.message === 'string' && error.message !== '', `${what} failed without a message`);
  for (const key of keys) {
    const shown = `${error.message} ${error.hint ?? ''}`.includes(key);
    ensure(!shown, `the error of ${what} shows the key`);
  }
  return error;
}

export async function failsWith(
  code: ProviderErrorCode,
  what: string,
  call: Promise<unknown>,
  keys: readonly string[],
): Promise<ProviderError> {
  const error = await failureOf(what, call, keys);
  ensure(
    error.code === code,
    `${what} has to fail with "${code}", not with "${error.code}" (${error.message})`,
  );
  return error;
}
