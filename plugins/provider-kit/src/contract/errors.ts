import type { Obstacle, ObstacleFacts } from './obstacle.js';

/**
 * Kinds of failure. Compare these words, never classes: a plugin may bring its own copy of this kit.
 *
 * - `authentication`: no key, or one that was refused; `permission`: the key may not do this
 * - `not_found`: no such batch or file
 * - `wrong_state`: the batch is not in a state for this
 * - `invalid_request`: the provider refused what was sent
 * - `rate_limited`: too much at the moment; `quota_exceeded`: money or a hard limit, waiting does not help
 * - `unavailable`: the service failed or answered nonsense; `network`: it was not reached, or the line was cut
 * - `unsupported`: the provider has no such operation
 */
export const PROVIDER_ERROR_CODES = [
  'authentication',
  'permission',
  'not_found',
  'wrong_state',
  'invalid_request',
  'rate_limited',
  'quota_exceeded',
  'unavailable',
  'network',
  'unsupported',
] as const;
export type ProviderErrorCode = (typeof PROVIDER_ERROR_CODES)[number];

export interface ProviderErrorDetails extends ObstacleFacts {
  /** What the user can do. */
  hint?: string;
  /** HTTP status. */
  status?: number;
  /** The provider's own code for it. */
  providerCode?: string;
  requestId?: string;
  /** How long the provider asks to wait. */
  retryAfterSeconds?: number;
  /** The work may have been done although no answer came: do not simply repeat it. */
  outcomeUnknown?: boolean;
  cause?: unknown;
}

const marker = Symbol.for('instructor.provider-error');

/** The one error that leaves a provider. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly hint?: string;
  readonly status?: number;
  readonly providerCode?: string;
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
  readonly outcomeUnknown?: boolean;
  readonly obstacle?: Obstacle;
  readonly limitTokens?: number;
  readonly limitRequests?: number;

  constructor(
    readonly code: ProviderErrorCode,
    message: string,
    details: ProviderErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const { cause: _cause, ...facts } = details;
    Object.assign(this, facts);
    Object.defineProperty(this, marker, { value: true });
  }
}

/** Recognises a `ProviderError` of any copy of the kit. */
export function isProviderError(error: unknown): error is ProviderError {
  return typeof error === 'object' && error !== null && marker in error;
}

/** A schema that a provider cannot be made to accept. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly code = 'schema';
  constructor(
    /** Where in the user's schema, such as `/properties/age`; empty for the root. */
    readonly path: string,
    message: string,
    readonly fix?: string,
  ) {
    super(message);
  }
}

export function isSchemaError(error: unknown): error is SchemaError {
  return error instanceof Error && (error as Partial<SchemaError>).code === 'schema';
}

/** Settings that the model rejects, found before anything is written or sent. */
export class RequestSettingsError extends Error {
  override readonly name = 'RequestSettingsError';
  readonly code = 'request_settings';
  constructor(
    message: string,
    readonly fix?: string,
  ) {
    super(message);
  }
}

export function isRequestSettingsError(error: unknown): error is RequestSettingsError {
  return error instanceof Error && (error as Partial<RequestSettingsError>).code === 'request_settings';
}
