import type { ProviderOptions } from '../contract/provider.js';
import { withRetries } from './retry.js';
import { errorFromSdk } from './sdk-error.js';

/** Calls through an SDK: it is loaded with the first call, and every failure leaves as a `ProviderError`. */
export interface SdkCaller<Client> {
  /** Repeats on passing failures. */
  repeat<T>(call: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Makes one attempt: for what must not be done twice. */
  once<T>(call: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** `connect` makes the client, with the retries of the SDK turned off: they cannot be interrupted. */
export function createSdkCaller<Client>(
  options: ProviderOptions,
  connect: () => Promise<Client>,
): SdkCaller<Client> {
  const { declaration, maxRetries, onRetry } = options;
  let client: Promise<Client> | undefined;
  const once: SdkCaller<Client>['once'] = async (call, signal) => {
    try {
      client ??= connect();
      return await call(await client);
    } catch (error) {
      throw errorFromSdk(error, { provider: declaration.name, credentials: declaration.credentials, signal });
    }
  };
  return {
    once,
    repeat: (call, signal) => withRetries(() => once(call, signal), { maxRetries, signal, onRetry }),
  };
}
