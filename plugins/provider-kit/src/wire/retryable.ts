/** Codes that mean money or a hard limit: trying again does not help. */
export const QUOTA = /insufficient_quota|billing|spend_limit|credit/i;

/** Words of reasons that stay as they are. */
const LASTING =
  /invalid|bad_?request|not_?found|authentication|permission|unsupported|too_large|policy|context_length/i;

/** Words of reasons that lie with the service, or pass. */
const PASSING = /server_?error|api_error|overloaded|rate_limit|time_?out|unavailable|internal|conflict/i;

/** Statuses after which the same call may well succeed: a timeout, a conflict, too much, a failure of the service. */
export function retryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * Whether a request that failed may succeed if it is sent again as it is. `words` are what the provider calls the
 * failure, such as its type and code. Without a status, or with 0, nobody answered: unless the words say that the
 * reason lasts, that passes. Behind a status of success only the words can tell.
 */
export function isRetryable(status: number | undefined, ...words: (string | undefined)[]): boolean {
  const said = words.join(' ');
  if (QUOTA.test(said)) return false;
  if (status !== undefined && status >= 300) return retryableStatus(status);
  if (LASTING.test(said)) return false;
  return !status || PASSING.test(said);
}
