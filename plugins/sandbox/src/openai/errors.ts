import { WireError } from '../service/wire-error.js';
import type { ErrorBody } from './wire.js';

/** What is wrong with a request, in the words of the service. */
export interface Problem {
  message: string;
  type?: string;
  param?: string | null;
  code?: string | null;
}

export function errorBody(problem: Problem): ErrorBody {
  const { message, type = 'invalid_request_error', param = null, code = null } = problem;
  return { error: { message, type, param, code } };
}

export function fault(status: number, problem: Problem): WireError {
  return new WireError(status, errorBody(problem));
}

/** Too many calls in a short time. */
export function rateLimited(): WireError {
  const message = 'Rate limit reached for requests. Please try again later.';
  return fault(429, { message, type: 'requests', code: 'rate_limit_exceeded' });
}

export function noCredit(): WireError {
  return fault(429, {
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this ' +
      'error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  });
}

export function serverError(status: number): WireError {
  const message = 'The server had an error while processing your request. Sorry about that!';
  return fault(status, { message, type: 'server_error' });
}

export function tokenLimit(model: string | null, limit: number): Problem & { code: string } {
  const message = `Enqueued token limit reached for ${model ?? 'this model'} in organization org-sandbox. Limit: ${limit} enqueued tokens. Please try again once some in_progress batches have been completed.`;
  return { message, type: 'invalid_request_error', code: 'token_limit_exceeded' };
}

export function missing(param: string): Problem {
  return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
}

export function unsupportedValue(param: string, value: unknown, allowed: readonly string[]): Problem {
  const list = allowed.map((item) => `'${item}'`);
  const last = list.pop();
  return {
    message: `Invalid value: '${String(value)}'. Supported values are: ${
      list.length > 0 ? `${list.join(', ')}, and ${last}` : last
    }.`,
    param,
    code: 'invalid_value',
  };
}

export function wrongType(param: string, expected: string, value: unknown): Problem {
  const got = Array.isArray(value)
    ? 'an array'
    : ({
        number: Number.isInteger(value) ? 'an integer' : 'a decimal',
        boolean: 'a boolean',
        string: 'a string',
      }[typeof value as 'number' | 'boolean' | 'string'] ?? (value === null ? 'null' : 'an object'));
  return {
    message: `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`,
    param,
    code: 'invalid_type',
  };
}
