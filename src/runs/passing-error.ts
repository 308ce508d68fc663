import { isProviderError, type ProviderError } from '@instructor-cli/provider-kit';

const PASSING = new Set(['network', 'unavailable', 'rate_limited']);
const CREDENTIALS = new Set(['authentication', 'permission']);

/** A failure of the provider that goes away by itself: a run of days sits it out. */
export function isPassing(error: unknown): error is ProviderError {
  return isProviderError(error) && PASSING.has(error.code);
}

export function isCredentials(error: unknown): error is ProviderError {
  return isProviderError(error) && CREDENTIALS.has(error.code);
}

/** What was asked for is not there any more. */
export function isGone(error: unknown): boolean {
  return isProviderError(error) && error.code === 'not_found';
}
