import type { Outcome } from '@instructor-cli/provider-kit';
import type { BatchResult } from './result-row.js';

/** Which rows are worth another try. */
export interface RetryRules {
  outcomes: ReadonlySet<Outcome>;
  /** Also rows that failed for a reason that will not pass. */
  includeLasting: boolean;
  /** Rows whose answer does not fit are asked again with the complaint. */
  reask: boolean;
  /** Rows that were asked so often are left alone. */
  maxAttempts: number;
}

export type RetryDecision =
  { act: 'done' } | { act: 'again' } | { act: 'reask' } | { act: 'leave'; why: string };

/** Answers that came, but do not fit: the model can be told. */
const COMPLAINABLE: ReadonlySet<Outcome> = new Set(['invalid', 'truncated']);

/** @param asked how often the row was asked so far */
export function decideRetry(row: BatchResult, rules: RetryRules, asked: number): RetryDecision {
  if (row.success) return { act: 'done' };
  const { outcome, error } = row;
  const complainable = COMPLAINABLE.has(outcome);
  if (!(rules.reask && complainable) && !rules.outcomes.has(outcome)) {
    return {
      act: 'leave',
      why: complainable ? `${error.message} (--reask asks again)` : error.message,
    };
  }
  if (!rules.includeLasting && isLasting(row)) return { act: 'leave', why: error.message };
  if (asked >= rules.maxAttempts) {
    const times = asked === 1 ? 'once' : `${asked} times`;
    return { act: 'leave', why: `asked ${times} already: ${error.message}` };
  }
  return { act: rules.reask && (complainable || wasComplainable(row)) ? 'reask' : 'again' };
}

/** A row that broke off on its way to a better answer goes on from there, rather than from the beginning. */
function wasComplainable(row: BatchResult): boolean {
  return (row.otherAttempts ?? []).some((other) => COMPLAINABLE.has(other.row.outcome));
}

/** Whether the same request would fail again for the same reason. */
function isLasting(row: Extract<BatchResult, { success: false }>): boolean {
  const { retryable, status } = row.error;
  if (row.outcome !== 'errored') return retryable === false;
  if (retryable !== undefined) return !retryable;
  return status !== undefined && status < 500 && ![0, 408, 409, 429].includes(status);
}
