import type { ProviderOptions } from '../contract/provider.js';
import { withRetries } from './retry.js';
import { errorFromSdk } from './sdk-error.js';

/** Calls through an SDK: it is loaded with the first call, and every failure leaves as a `ProviderError`. */
export interface SdkCaller<Client> {
  /**
   * Repeats on passing failures. A try whose answer was lost may have done the work, and the next one fails because
   * of that: `settle` is asked about the failure of a repeated try.
   */
  repeat<T>(
    call: (client: Client) => Promise<T>,
    signal?: AbortSignal,
    settle?: (error: unknown) => Promise<T>,
  ): Promise<T>;
  /** Makes one attempt: for what must not be done twice. */
  once<T>(call: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** `connect` makes the client, with the retries of the SDK turned off: they cannot be interrupted. */
export function createSdkCaller<Client>(
  options: ProviderOptions,
  connect: () => Promise<Client>,
): SdkCaller<Client> {
  const { declaration, env, maxRetries, onRetry } = options;
  const secrets = declaration.credentials.flatMap((variable) => env[variable]?.trim() || []);
  let client: Promise<Client> | undefined;
  const once: SdkCaller<Client>['once'] = async (call, signal) => {
    try {
      signal?.throwIfAborted();
      client ??= connect();
      return await call(await client);
    } catch (error) {
      throw errorFromSdk(error, {
        provider: declaration.name,
        credentials: declaration.credentials,
        secrets,
        signal,
      });
    }
  };
  return {
    once,
    repeat: async (call, signal, settle) => {
      let tries = 0;
      try {
        return await withRetries(
          () => {
            tries += 1;
            return once(call, signal);
          },
          { maxRetries, signal, onRetry },
        );
      } catch (error) {
        if (settle && tries > 1) return await settle(error);
        throw error;
      }
    },
  };
}
