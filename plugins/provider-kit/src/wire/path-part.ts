import { ProviderError } from '../contract/errors.js';

/** An id as one part of a path. What a URL parser would take for a step in the tree cannot be escaped, so it is refused. */
export function pathPart(id: string): string {
  if (/^\.{0,2}$/.test(id)) {
    throw new ProviderError('not_found', `Nothing can have the id ${JSON.stringify(id)}`);
  }
  return encodeURIComponent(id);
}
