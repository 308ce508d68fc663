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
