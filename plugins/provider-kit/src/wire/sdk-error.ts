import { isProviderError, ProviderError } from '../contract/errors.js';
import { errorFromAnswer } from './http-error.js';

/** The error shape that the SDKs of OpenAI, Anthropic, Groq and Together share. */
interface SdkError {
  status?: number;
  headers?: Headers;
  /** The parsed body, or its inner `error`. */
  error?: unknown;
  message: string;
}

export interface SdkErrorContext {
  provider: string;
  credentials: readonly string[];
  /** Keys, never to be repeated. */
  secrets?: readonly string[];
  signal?: AbortSignal | undefined;
}

/**
 * Turns whatever an SDK call threw into a `ProviderError`. An interruption is passed on as it is, and so is what has
 * nothing to do with the service: a request file that cannot be read, or a bug.
 */
export function errorFromSdk(error: unknown, context: SdkErrorContext): unknown {
  if (isProviderError(error)) return error;
  const { provider, credentials, secrets, signal } = context;
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  const thrown = error as Error & SdkError;
  if (typeof thrown.status === 'number') {
    return errorFromAnswer({
      provider,
      credentials,
      secrets,
      status: thrown.status,
      headers: thrown.headers,
      body: bodyOf(thrown),
      cause: error,
    });
  }
  if (error instanceof SyntaxError) {
    return new ProviderError('unavailable', `${provider} sent an answer that is cut short or not JSON`, {
      hint: 'The fault is on the other side: try again later',
      cause: error,
    });
  }
  if (!isConnectionFailure(error)) return error;
  return errorFromAnswer({
    provider,
    credentials,
    secrets,
    fallback: describeNetworkFailure(provider, error),
    cause: error,
  });
}

function bodyOf({ error, message }: SdkError): unknown {
  if (typeof error === 'string') return { error };
  return error ?? textIn(message);
}

/** The SDKs put a body that is no JSON behind the status in the message. */
function textIn(message: string): string | undefined {
  const text = message.replace(/^\d{3}\s+/, '');
  return text === 'status code (no body)' ? undefined : text;
}

const NETWORK_WORDS = new Map([
  ['ECONNREFUSED', 'nothing answers at that address'],
  ['ENOTFOUND', 'the host name is not known'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['EPIPE', 'the connection was cut'],
  ['ETIMEDOUT', 'no answer came in time'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_BODY_TIMEOUT', 'no answer came in time'],
  ['ENETUNREACH', 'the network is not reachable'],
  ['EHOSTUNREACH', 'the host is not reachable'],
]);

interface Cause {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  name?: unknown;
  syscall?: unknown;
}

function* causesOf(error: unknown): Generator<Cause> {
  const seen = new Set<unknown>();
  for (let cause = error; typeof cause === 'object' && cause !== null && !seen.has(cause);) {
    seen.add(cause);
    yield cause as Cause;
    cause = (cause as Cause).cause;
  }
}

/** Whether the line failed, and not something on this side of it. */
function isConnectionFailure(error: Error): boolean {
  // The SDKs' own errors have the field, empty if no answer came; `fetch` throws a TypeError with a cause.
  if ('status' in error) return true;
  for (const { code, message, name } of causesOf(error)) {
    if (typeof code === 'string' && NETWORK_WORDS.has(code)) return true;
    if (name === 'TypeError' && (message === 'fetch failed' || message === 'terminated')) return true;
    if (name === 'AbortError' || name === 'TimeoutError') return true;
  }
  return false;
}

/** Whether a call failed before anything was sent, so that it cannot have had an effect. */
export function neverSent(error: unknown): boolean {
  for (const { code, syscall } of causesOf(error)) {
    if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'UND_ERR_CONNECT_TIMEOUT') return true;
  }
  return false;
}

/** One sentence about why there was no answer. Looks through the chain of causes for a code. */
export function describeNetworkFailure(provider: string, error: unknown): string {
  let said = typeof error === 'string' ? error : 'for an unknown reason';
  for (const cause of causesOf(error)) {
    const words = typeof cause.code === 'string' ? NETWORK_WORDS.get(cause.code) : undefined;
    if (words) return `${provider} could not be reached: ${words} (${String(cause.code)})`;
    if (isTimeout(cause)) return `${provider} could not be reached: no answer came in time`;
    if (typeof cause.message === 'string' && cause.message !== '') said = cause.message;
  }
  return `${provider} could not be reached: ${said}`;
}

/** Not every SDK gives its errors a name, but their classes have one. */
function isTimeout(cause: Cause): boolean {
  const names = [cause.name, (cause as object).constructor?.name];
  return names.includes('APIConnectionTimeoutError') || names.includes('TimeoutError');
}
