import { isProviderError, ProviderError } from '../contract/errors.js';
import { neverSent } from './sdk-error.js';

/**
 * Whether the answer to a creating call was lost, so that there may be a batch all the same: the service failed (408,
 * 5xx), answered nonsense, or the line was cut after something had been sent. Any other refusal is a definite no.
 */
export function answerWasLost(error: unknown): error is ProviderError {
  if (!isProviderError(error) || neverSent(error)) return false;
  return error.code === 'unavailable' || error.code === 'network';
}

/** The error again, saying that the work may have been done. */
export function withUnknownOutcome(lost: ProviderError, hint: string): ProviderError {
  return new ProviderError(lost.code, lost.message, {
    ...lost,
    outcomeUnknown: true,
    hint,
    cause: lost.cause,
  });
}
