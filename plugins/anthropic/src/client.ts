import type { BaseAnthropic } from '@anthropic-ai/sdk';
import type { ProviderOptions } from '@instructor-cli/provider-kit';
import { readBaseUrl, readKey, transferFetch } from '@instructor-cli/provider-kit/wire';

const DEFAULT_TIMEOUT_MS = 120_000;

/** The SDK is loaded here and nowhere else, with the first call. */
export async function connect(options: ProviderOptions): Promise<BaseAnthropic> {
  const { userAgent, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  // The SDK refuses two credentials at once; like it, the key wins over the token.
  const { variable, key } = readKey(options);
  const credential = variable === 'ANTHROPIC_AUTH_TOKEN' ? { authToken: key } : { apiKey: key };
  const baseURL = readBaseUrl(options, 'https://api.anthropic.com');
  const { BaseAnthropic } = await import('./sdk.js');
  return new BaseAnthropic({
    ...credential,
    baseURL,
    // The SDK's log goes to stdout, which belongs to the answer.
    logLevel: 'off',
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: transferFetch,
    defaultHeaders: userAgent ? { 'User-Agent': userAgent } : {},
  });
}
