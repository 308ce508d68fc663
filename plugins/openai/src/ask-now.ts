import type { OpenAI } from 'openai';
import type { CallOptions } from '@instructor-cli/provider-kit';
import { askOpenAI } from '@instructor-cli/provider-kit/openai-format';
import type { SdkCaller } from '@instructor-cli/provider-kit/wire';

/** A model that thinks takes longer than other calls do. */
const TIMEOUT_MS = 600_000;

/** Asks one request outside of any batch. Where a lost answer is asked for again, both may cost, as with every client. */
export function askNow(
  caller: SdkCaller<OpenAI>,
  provider: string,
  request: unknown,
  { signal, timeoutMs: timeout = TIMEOUT_MS }: CallOptions & { timeoutMs?: number | undefined },
): Promise<unknown> {
  return askOpenAI(provider, request, (path, body) =>
    caller.repeat(async (client) => {
      const { data, response } = await client.post<unknown>(path, { body, signal, timeout }).withResponse();
      return { status: response.status, requestId: response.headers.get('x-request-id'), body: data };
    }, signal),
  );
}
