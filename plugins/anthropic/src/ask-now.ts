import type { BaseAnthropic } from '@anthropic-ai/sdk';
import { ProviderError, type CallOptions } from '@instructor-cli/provider-kit';
import { asRecord, refusalOf, type SdkCaller } from '@instructor-cli/provider-kit/wire';
import { versionFor } from './submit.js';

/** A model that thinks takes longer than other calls do. */
const TIMEOUT_MS = 600_000;

interface AskOptions extends CallOptions {
  /** What the check of the request collected. */
  traits: readonly string[];
  timeoutMs?: number | undefined;
}

/** Asks one request outside of any batch, and gives the line that the results of a batch would have for it. */
export async function askNow(
  caller: SdkCaller<BaseAnthropic>,
  provider: string,
  request: unknown,
  { signal, traits, timeoutMs: timeout = TIMEOUT_MS }: AskOptions,
): Promise<unknown> {
  const line = asRecord(request);
  const body = asRecord(line?.['params']);
  if (!body) throw new ProviderError('invalid_request', 'This is no request: it has no params');
  const answered = (result: object): object => ({ custom_id: line?.['custom_id'], result });
  const headers = versionFor(traits);
  try {
    const message = await caller.repeat(
      (client) => client.post<unknown>('/v1/messages', { body, headers, signal, timeout }),
      signal,
    );
    if (asRecord(message)) return answered({ type: 'succeeded', message });
  } catch (failure) {
    const refused = refusalOf(failure);
    if (!refused) throw failure;
    const { error, requestId } = refused;
    return answered({ type: 'errored', error: { type: 'error', error, request_id: requestId ?? null } });
  }
  // Not tried again: whatever this is, it may have been paid for.
  throw new ProviderError('unavailable', `${provider} sent something that is not an answer`, {
    hint: 'Check that the base URL points at its API',
  });
}
