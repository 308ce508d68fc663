import type { Answer, ProviderResult } from '../contract/outcome.js';

/** What the body of an answer says about its row. */
export type ReadBody = Pick<ProviderResult, 'outcome' | 'answer' | 'error' | 'finishReason'>;

export function refused(message: string, finishReason?: string, requestId?: string): ReadBody {
  return { outcome: 'refused', error: { type: 'refusal', message, requestId }, finishReason };
}

export function truncated(answer: Answer, finishReason?: string, requestId?: string): ReadBody {
  const message =
    finishReason === 'length'
      ? 'The answer reached the token limit and is cut short'
      : 'The answer is not complete';
  return { outcome: 'truncated', answer, error: { type: 'truncated', message, requestId }, finishReason };
}

/** A success that holds no answer: the service's fault, so the same request may do better. */
export function unanswered(type: string, message: string, requestId?: string): ReadBody {
  return { outcome: 'errored', error: { type, message, requestId, retryable: true } };
}
