import type { FastifyRequest } from 'fastify';
import { fault } from './errors.js';

const KEY = /^sandbox-[\w-]+$/;

/** Lets every key pass that starts with `sandbox-`; a real key sent here by mistake is refused. */
export function authenticate(request: FastifyRequest): void {
  const header = request.headers.authorization;
  const key = /^Bearer\s+(.+)$/i.exec(header ?? '')?.[1];
  if (key === undefined) {
    throw fault(401, {
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer " +
        'auth (i.e. Authorization: Bearer YOUR_KEY). The sandbox takes any key that starts with sandbox-.',
    });
  }
  if (!KEY.test(key)) {
    throw fault(401, {
      message: `Incorrect API key provided: ${masked(key)}. The sandbox takes any key that starts with sandbox-.`,
      code: 'invalid_api_key',
    });
  }
}

function masked(key: string): string {
  return key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 3)}${'*'.repeat(8)}${key.slice(-4)}`;
}
