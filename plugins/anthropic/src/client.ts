import type { Anthropic } from '@anthropic-ai/sdk';
import type { ProviderOptions } from '@instructor-cli/provider-kit';

const DEFAULT_TIMEOUT_MS = 120_000;

/** The SDK is loaded here and nowhere else, with the first call. */
export async function connect(options: ProviderOptions): Promise<Anthropic> {
  const { env, userAgent, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const apiKey = env['ANTHROPIC_API_KEY'];
  // The SDK refuses two credentials at once; like it, the key wins over the token.
  const credential = apiKey ? { apiKey } : { authToken: env['ANTHROPIC_AUTH_TOKEN'] ?? '' };
  return new Anthropic({
    ...credential,
    baseURL: env['ANTHROPIC_BASE_URL'] || undefined,
    maxRetries: 0,
    timeout: timeoutMs,
    defaultHeaders: userAgent ? { 'User-Agent': userAgent } : {},
  });
}
