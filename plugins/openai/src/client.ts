import type { OpenAI } from 'openai';
import type { ProviderOptions } from '@instructor-cli/provider-kit';

const DEFAULT_TIMEOUT_MS = 120_000;

/** The SDK is loaded here and nowhere else, with the first call. */
export async function connect(options: ProviderOptions): Promise<OpenAI> {
  const { env, userAgent, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { OpenAI } = await import('openai');
  return new OpenAI({
    apiKey: env['OPENAI_API_KEY'] ?? '',
    baseURL: env['OPENAI_BASE_URL'] || undefined,
    organization: env['OPENAI_ORG_ID'] ?? null,
    project: env['OPENAI_PROJECT_ID'] ?? null,
    maxRetries: 0,
    timeout: timeoutMs,
    defaultHeaders: userAgent ? { 'User-Agent': userAgent } : {},
  });
}
