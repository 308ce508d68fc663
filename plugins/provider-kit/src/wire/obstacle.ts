import type { Obstacle, ObstacleFacts } from '../contract/obstacle.js';
import { QUOTA } from './retryable.js';

/** What a service said about a failure, as far as it said anything. */
export interface FailureWords {
  /** Absent where the failure is not that of a call, but stands in a batch. */
  status?: number | undefined;
  code?: string | undefined;
  type?: string | undefined;
  message?: string | undefined;
}

/** Answers with other statuses are about something else: the key, the address, a failure of the service. */
const TELLING = new Set([undefined, 400, 402, 403, 409, 413, 422, 429]);

/** Words that nothing but a full queue of batches is described with. */
const QUEUE =
  /\benqueued (?:prompt |input )?(?:tokens?|requests?)\b|\bbatch(?:es)? (?:processing )?queue\b|\bprocessing queue\b|\bin[ _-]progress batches\b/i;

/** Words that mean a full queue where the service says "too many" anyway, unless they are about a pace. */
const CROWD =
  /\b(?:en)?queued?\b|\btoo many (?:\S+ )?batch(?:es| jobs)\b|\b(?:active|concurrent|pending|running|in[ _-]progress) batch/i;
const PACE = /(?:\bper |\/ ?)(?:second|sec|minute|min|hour|day)\b|\b[rt]p[mdh]\b/i;

const TOO_LARGE_CODES =
  /\b(?:too_many_tasks|request_too_large|file_too_large|batch_too_large|payload_too_large)\b/i;
const TOO_LARGE =
  /^file is too large\b|\bbatch input file is (?:larger than|too large)\b|^requests: list should have at most\b/i;

/** Money is named by a code, but not everywhere: Anthropic calls an empty account an invalid request. */
const UNPAID =
  /\bcredit balance is too low\b|\binsufficient (?:credits?|balance|funds)\b|\bbilling hard limit\b/i;

/** Tells why a service takes no batch, if that is what a failure is about. */
export function obstacleOf(words: FailureWords): ObstacleFacts {
  const obstacle = TELLING.has(words.status) ? kindOf(words) : undefined;
  if (!obstacle) return {};
  return { obstacle, ...(obstacle === 'billing' ? {} : limitsIn(words.message ?? '')) };
}

function kindOf({ status, code = '', type = '', message = '' }: FailureWords): Obstacle | undefined {
  const names = `${code} ${type}`;
  // Before money: a full queue has been described with the codes of an empty account.
  if (isFull(status, code, message)) return 'queue_full';
  if (status === 402 || QUOTA.test(names) || UNPAID.test(message)) return 'billing';
  const large = status === 413 || TOO_LARGE_CODES.test(names) || TOO_LARGE.test(message);
  return large ? 'batch_too_large' : undefined;
}

function isFull(status: number | undefined, code: string, message: string): boolean {
  if (status === 413) return false;
  if (QUEUE.test(message)) return true;
  const crowded = status === 429 && CROWD.test(message) && !PACE.test(message);
  return crowded || (code === 'token_limit_exceeded' && (status === undefined || status === 429));
}

/** A whole number, perhaps with its thousands set apart. What stands before it says that it is a limit. */
const NUMBER = '(?:limit|maximum|max|at most|up to)(?: is| of|:| =)* (\\d{1,3}(?:[,_]\\d{3})+|\\d+)';
/** What may stand between the number and the thing it counts. */
const ADJECTIVES = '(?: (?:enqueued|queued|batch|pending|prompt|input))*';
/** So many in a time are a pace; so many for one of something are not what may wait in all. */
const NO_PACE = '(?! ?/| (?:per|an?|each|every|for each)\\b)';
const TOKENS = new RegExp(`\\b${NUMBER}${ADJECTIVES} tokens\\b${NO_PACE}`, 'i');
const REQUESTS = new RegExp(
  `\\b${NUMBER}${ADJECTIVES} (?:requests|tasks|items|rows|lines)\\b${NO_PACE}`,
  'i',
);

/** Only what the text clearly calls a limit: it may name other numbers too, such as the size of this batch. */
function limitsIn(message: string): ObstacleFacts {
  const limitTokens = countIn(TOKENS, message);
  const limitRequests = countIn(REQUESTS, message);
  return {
    ...(limitTokens === undefined ? {} : { limitTokens }),
    ...(limitRequests === undefined ? {} : { limitRequests }),
  };
}

function countIn(pattern: RegExp, message: string): number | undefined {
  const count = Number(pattern.exec(message)?.[1]?.replace(/\D/g, ''));
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}
