import { inspect } from 'node:util';
import { ProviderError, type ProviderErrorCode } from '../contract/errors.js';
import type { Obstacle } from '../contract/obstacle.js';
import { obstacleOf } from './obstacle.js';

/** What is known of an answer that was not a success. */
export interface FailedAnswer {
  /** The provider's name, for the message. */
  provider: string;
  /** Absent if no answer came at all. */
  status?: number;
  headers?: Headers | undefined;
  /** The parsed body, or its text. */
  body?: unknown;
  /** Used where the body says nothing. */
  fallback?: string;
  /** Environment variables to name when the key is refused. */
  credentials?: readonly string[];
  requestIdHeaders?: readonly string[];
  /** Keys, never to be repeated. */
  secrets?: readonly string[];
  cause?: unknown;
}

/** Anything shorter is no key but a word, and to strike it out would spoil the message. */
const SHORTEST_SECRET = 6;

/** Turns an HTTP failure into the one error that leaves a provider. */
export function errorFromAnswer(answer: FailedAnswer): ProviderError {
  const { provider, status, headers, body } = answer;
  const said = readErrorBody(body);
  const facts = obstacleOf({
    status,
    ...said,
    message: said.message ?? (typeof body === 'string' ? body : undefined),
  });
  const code = codeFor(status, facts.obstacle);
  const message = hide(said.message ?? wording(provider, status, body, answer.fallback), answer.secrets);
  const retryAfterSeconds = readRetryAfter(headers);
  const requestId =
    said.requestId ?? firstHeader(headers, answer.requestIdHeaders ?? ['x-request-id', 'request-id']);
  const hint =
    OBSTACLE_HINTS.get(facts.obstacle) ?? hintFor(code, provider, answer.credentials, retryAfterSeconds);
  const providerCode = said.code ?? said.type;
  return new ProviderError(code, message, {
    ...(status === undefined ? {} : { status }),
    ...(hint === undefined ? {} : { hint }),
    ...(providerCode === undefined ? {} : { providerCode }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...facts,
    cause: tellsSecrets(answer.cause, answer.secrets) ? undefined : answer.cause,
  });
}

/** Some services repeat the key that they refuse. */
function hide(text: string, secrets: readonly string[] = []): string {
  let hidden = text;
  for (const secret of secrets)
    if (secret.length >= SHORTEST_SECRET) hidden = hidden.replaceAll(secret, '***');
  return hidden;
}

function tellsSecrets(cause: unknown, secrets: readonly string[] = []): boolean {
  if (cause === undefined || secrets.length === 0) return false;
  const text = inspect(cause, { depth: 8, maxStringLength: null });
  return secrets.some((secret) => secret.length >= SHORTEST_SECRET && text.includes(secret));
}

/** What to do about an obstacle; for money the general sentence does. */
const OBSTACLE_HINTS = new Map<Obstacle | undefined, string>([
  ['queue_full', 'Submit again when some of the batches that wait or run have ended'],
  ['batch_too_large', 'Split the request file into smaller batches'],
]);

function codeFor(status: number | undefined, obstacle: Obstacle | undefined): ProviderErrorCode {
  if (status === undefined) return 'network';
  if (status === 401) return 'authentication';
  if (obstacle === 'billing') return 'quota_exceeded';
  if (obstacle === 'queue_full') return 'rate_limited';
  if (status === 403) return 'permission';
  if (status === 404) return 'not_found';
  if (status === 409) return 'wrong_state';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status >= 500) return 'unavailable';
  return 'invalid_request';
}

interface ErrorWords {
  message?: string;
  code?: string;
  type?: string;
  requestId?: string;
}

/** Reads `{error: {message, type, code}, request_id}`, `{error: "…"}`, `{message}`, `{detail}` and what is close to them. */
function readErrorBody(body: unknown): ErrorWords {
  if (typeof body !== 'object' || body === null) return {};
  const outer = body as Record<string, unknown>;
  const inner = typeof outer['error'] === 'object' && outer['error'] !== null ? outer['error'] : outer;
  const { message, code, type, details } = inner as Record<string, unknown>;
  const detail = (details as Record<string, unknown> | undefined)?.['error_code'];
  const words: ErrorWords = {};
  if (typeof message === 'string' && message !== '') words.message = message;
  else if (typeof outer['error'] === 'string' && outer['error'] !== '') words.message = outer['error'];
  else if (typeof outer['detail'] === 'string' && outer['detail'] !== '') words.message = outer['detail'];
  if (typeof detail === 'string') words.code = detail;
  else if (typeof code === 'string') words.code = code;
  if (typeof type === 'string' && type !== 'error') words.type = type;
  if (typeof outer['request_id'] === 'string') words.requestId = outer['request_id'];
  return words;
}

/** Of a body that is plain text, so much is shown. */
const LONGEST_QUOTE = 300;

function wording(provider: string, status: number | undefined, body: unknown, fallback?: string): string {
  if (status === undefined) return fallback ?? `${provider} could not be reached`;
  if (typeof body === 'string' && /^\s*</.test(body)) {
    return `${provider} answered ${status} with a web page instead of data`;
  }
  if (typeof body === 'string' && body.trim() !== '') {
    return `${provider} answered ${status}: ${body.trim().slice(0, LONGEST_QUOTE)}`;
  }
  if (status === 413) return `${provider} refused what was sent: it is too large`;
  return `${provider} answered ${status}${status >= 500 ? ': the service failed' : ''}`;
}

function hintFor(
  code: ProviderErrorCode,
  provider: string,
  credentials: readonly string[] | undefined,
  retryAfterSeconds: number | undefined,
): string | undefined {
  switch (code) {
    case 'authentication':
      return `Check the key in ${credentials?.join(' or ') || 'the environment'}`;
    case 'permission':
      return `The key works, but may not do this: check its project and its rights at ${provider}`;
    case 'quota_exceeded':
      return `Check the plan, the credit and the limits of the account at ${provider}`;
    case 'rate_limited':
      return retryAfterSeconds === undefined
        ? 'Wait a little and try again'
        : `Try again in ${Math.ceil(retryAfterSeconds)} s`;
    case 'unavailable':
      return 'The fault is on the other side: try again later';
    case 'network':
      return 'Check the connection, the proxy and the base URL';
    case 'invalid_request':
      return 'Mend what the message names; the provider refused it as it is';
    default:
      return undefined;
  }
}

/** Reads `retry-after-ms`, or `retry-after` as seconds or as a date. */
export function readRetryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds / 1000);
  const header = headers?.get('retry-after');
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function firstHeader(headers: Headers | undefined, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers?.get(name);
    if (value) return value;
  }
  return undefined;
}
