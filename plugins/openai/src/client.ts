import type { OpenAI } from 'openai';
import type { ProviderOptions } from '@instructor-cli/provider-kit';
import { asRecord, readBaseUrl, readKey, transferFetch } from '@instructor-cli/provider-kit/wire';

const DEFAULT_TIMEOUT_MS = 120_000;

/** The SDK is loaded here and nowhere else, with the first call. */
export async function connect(options: ProviderOptions): Promise<OpenAI> {
  const { env, userAgent, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { key } = readKey(options);
  const baseURL = readBaseUrl(options, 'https://api.openai.com/v1');
  const { OpenAI } = await import('./sdk.js');
  return new OpenAI({
    apiKey: key,
    // What is left open here, the SDK would look for in the environment of the process. An admin key found there
    // takes the place of the key.
    adminAPIKey: null,
    baseURL,
    organization: env['OPENAI_ORG_ID'] || null,
    project: env['OPENAI_PROJECT_ID'] || null,
    // The SDK's log goes to stdout, which belongs to the answer.
    logLevel: 'off',
    maxRetries: 0,
    timeout: timeoutMs,
    defaultHeaders: userAgent ? { 'User-Agent': userAgent } : {},
    fetch: fetchKeepingErrors,
  });
}

/** The SDK keeps the field `error` of a failure alone. Gateways and compatible services write their reason elsewhere. */
async function fetchKeepingErrors(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const answer = await transferFetch(url, init);
  if (answer.ok || !/json/i.test(answer.headers.get('content-type') ?? '')) return answer;
  const { status, headers } = answer;
  const text = await answer.text();
  return new Response(wrapped(text), { status, headers });
}

function wrapped(text: string): string {
  try {
    const body = asRecord(JSON.parse(text));
    return !body || body['error'] ? text : JSON.stringify({ error: body });
  } catch {
    return text;
  }
}
