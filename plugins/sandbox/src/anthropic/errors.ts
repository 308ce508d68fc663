import { WireError } from '../service/wire-error.js';

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The body of an error without its request id, which is added when it is sent. */
export function errorBody(status: number, message: string) {
  return { type: 'error' as const, error: { type: TYPES[status] ?? 'api_error', message } };
}

/** Too many calls in a short time. */
export function rateLimited(): WireError {
  return fault(429, "This request would exceed your organization's rate limit. Please try again later.");
}

export function noCredit(): WireError {
  return fault(
    400,
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  );
}

export function serverError(status: number): WireError {
  return fault(status, status === 529 ? 'Overloaded' : 'Internal server error');
}

export function queueFull(limit: number): WireError {
  return fault(
    429,
    `This request would exceed your organization's limit of ${limit} batch requests in the processing queue. Please try again once some batches have ended.`,
  );
}

export function fault(status: number, message: string): WireError {
  return new WireError(status, errorBody(status, message));
}
