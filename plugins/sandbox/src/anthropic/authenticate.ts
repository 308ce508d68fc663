import type { FastifyRequest } from 'fastify';
import { fault } from './errors.js';

const KEY = /^sandbox-[\w-]+$/;
const VERSIONS = ['2023-01-01', '2023-06-01', '2026-10-21'];

/** From this version on, sampling parameters are gone. */
export const STRICT_VERSION = '2026-10-21';

/** Older clients send `x-api-key`, newer ones a bearer token; the service takes both. */
export function authenticate(request: FastifyRequest): void {
  const apiKey = request.headers['x-api-key'];
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (apiKey === undefined && bearer === undefined) throw fault(401, 'x-api-key header is required');
  if (apiKey !== undefined && !KEY.test(String(apiKey))) throw fault(401, 'invalid x-api-key');
  if (apiKey === undefined && bearer !== undefined && !KEY.test(bearer))
    throw fault(401, 'Invalid bearer token');
}

export function checkVersion(request: FastifyRequest): string {
  const version = request.headers['anthropic-version'];
  if (version === undefined) throw fault(400, 'anthropic-version: header is required');
  if (typeof version !== 'string' || !VERSIONS.includes(version)) {
    throw fault(400, `anthropic-version: "${String(version)}" is not a valid version`);
  }
  return version;
}
