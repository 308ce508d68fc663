import { setTimeout as sleep } from 'node:timers/promises';
import { isProviderError } from '../contract/errors.js';

export interface RetryOptions {
  /** How often to try again. Defaults to 2. */
  maxRetries?: number;
  signal?: AbortSignal;
  onRetry?: (retry: { reason: string; delayMs: number }) => void;
}

const PASSING = new Set(['rate_limited', 'unavailable', 'network']);

/** A provider that asks for more patience than this gets its error shown instead: nobody watches a frozen terminal. */
const LONGEST_PAUSE_SECONDS = 60;

/**
 * Repeats a call that is safe to repeat while it fails for a passing reason, waiting as long as the
 * provider asks, else 0.5 s, 1 s, 2 s … The SDKs can do this too, but not be interrupted while they wait.
 */
export async function withRetries<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { maxRetries = 2, signal, onRetry } = options;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= maxRetries || !isProviderError(error) || !PASSING.has(error.code) || signal?.aborted)
        throw error;
      const asked = error.retryAfterSeconds;
      if (asked !== undefined && asked > LONGEST_PAUSE_SECONDS) throw error;
      const delayMs = asked === undefined ? backoff(attempt) : Math.max(0, asked * 1000);
      onRetry?.({ reason: error.message, delayMs });
      await sleep(delayMs, undefined, signal ? { signal } : {}).catch((interrupted: unknown) => {
        // An interruption leaves in the words of whoever interrupted, during a pause as during a call.
        throw signal?.aborted ? signal.reason : interrupted;
      });
    }
  }
}

/** Exponential, with up to a quarter taken off so that parallel callers do not return together. */
function backoff(attempt: number): number {
  return Math.min(500 * 2 ** attempt, 8000) * (1 - Math.random() * 0.25);
}
