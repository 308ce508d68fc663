import { isProviderError, ProviderError } from '../contract/errors.js';
import { errorFromAnswer } from './http-error.js';

/** The error shape that the SDKs of OpenAI, Anthropic, Groq and Together share. */
interface SdkError {
  status?: number;
  headers?: Headers;
  /** The parsed body, or its inner `error`. */
  error?: unknown;
  message: string;
  name?: string;
  cause?: unknown;
  requestID?: string | null;
}

export interface SdkErrorContext {
  provider: string;
  credentials: readonly string[];
  signal?: AbortSignal | undefined;
}

/** Turns whatever an SDK call threw into a `ProviderError`; an interruption is passed on as it is. */
export function errorFromSdk(error: unknown, context: SdkErrorContext): unknown {
  if (isProviderError(error)) return error;
  if (context.signal?.aborted) return context.signal.reason;
  const { provider, credentials } = context;
  const thrown = error as SdkError;
  if (typeof thrown.status === 'number') {
    return errorFromAnswer({
      provider,
      credentials,
      status: thrown.status,
      headers: thrown.headers,
      body: thrown.error ?? pageIn(thrown.message),
      cause: error,
    });
  }
  if (error instanceof SyntaxError) {
    return new ProviderError('unavailable', `${provider} sent an answer that is cut short or not JSON`, {
      hint: 'The fault is on the other side: try again later',
      cause: error,
    });
  }
  return errorFromAnswer({
    provider,
    credentials,
    fallback: describeNetworkFailure(provider, error),
    cause: error,
  });
}

/** The SDKs put a body that is no JSON behind the status in the message. */
function pageIn(message: string): string | undefined {
  const text = message.replace(/^\d{3}\s+/, '');
  return /^\s*</.test(text) ? text : undefined;
}

const NETWORK_WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing answers at that address',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer came in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer came in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'no answer came in time',
  ENETUNREACH: 'the network is not reachable',
  EHOSTUNREACH: 'the host is not reachable',
};

/** One sentence about why there was no answer. Looks through the chain of causes for a code. */
export function describeNetworkFailure(provider: string, error: unknown): string {
  let deepest = error as { code?: unknown; message?: unknown; cause?: unknown; name?: unknown };
  for (
    let cause: typeof deepest | undefined = deepest;
    cause;
    cause = cause.cause as typeof deepest | undefined
  ) {
    deepest = cause;
    const words = typeof cause.code === 'string' ? NETWORK_WORDS[cause.code] : undefined;
    if (words) return `${provider} could not be reached: ${words} (${String(cause.code)})`;
    if (cause.name === 'APIConnectionTimeoutError' || cause.name === 'TimeoutError') {
      return `${provider} could not be reached: no answer came in time`;
    }
  }
  const message = typeof deepest.message === 'string' ? deepest.message : String(error);
  return `${provider} could not be reached: ${message}`;
}
