import { WireError } from '../service/wire-error.js';

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

/** The body of an error without its request id, which is added when it is sent. */
export function errorBody(status: number, message: string) {
  return { type: 'error' as const, error: { type: TYPES[status] ?? 'api_error', message } };
}

export function fault(status: number, message: string): WireError {
  return new WireError(status, errorBody(status, message));
}
