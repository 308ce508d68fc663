import { isProviderError, type ProviderErrorCode } from '../contract/errors.js';
import { asRecord } from './read.js';

/** What a service said about one request that it refused. */
export interface Refusal {
  status: number;
  requestId: string | undefined;
  /** The error object of the answer: its message, type and code. */
  error: Record<string, unknown>;
}

/** Failures that can lie with a single request. All others would meet the next one, too. */
const OF_THE_REQUEST: ReadonlySet<ProviderErrorCode> = new Set([
  'invalid_request',
  'not_found',
  'wrong_state',
]);

/** Reads the failure of a single request; undefined if that has other reasons, such as the key or the service. */
export function refusalOf(failure: unknown): Refusal | undefined {
  if (!isProviderError(failure) || failure.status === undefined || !OF_THE_REQUEST.has(failure.code)) {
    return undefined;
  }
  // The SDKs keep the body, or its inner `error`. It is absent where it repeats a key.
  const body = asRecord(asRecord(failure.cause)?.['error']);
  const said = asRecord(body?.['error']) ?? body;
  // A web page that is not found means a wrong address; a model that is not found is told of in JSON.
  if (!said && failure.code === 'not_found') return undefined;
  const { status, message, requestId, providerCode } = failure;
  const error = { ...said, message, ...(said ? {} : { type: providerCode ?? 'invalid_request_error' }) };
  return { status, requestId, error };
}
