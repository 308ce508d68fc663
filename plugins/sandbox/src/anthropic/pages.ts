import { isListed } from '../faults/batch-faults.js';
import type { Collection } from '../service/collection.js';
import { fault } from './errors.js';
import type { StoredBatch } from './state.js';

export interface PageQuery {
  limit?: string;
  after_id?: string;
  before_id?: string;
}

const USUAL = 20;
const MOST = 1000;

/** One page of the list, newest first: what follows `after_id`, or what comes right before `before_id`. */
export function pageOf(batches: Collection<StoredBatch>, query: PageQuery) {
  const limit = readLimit(query.limit);
  const all = batches
    .newestFirst()
    .map(([, batch]) => batch)
    .filter(({ faults }) => isListed(faults));
  const placeOf = (name: 'after_id' | 'before_id'): number => {
    const place = all.findIndex((batch) => batch.info.id === query[name]);
    if (place === -1) throw fault(400, `${name}: No message batch has the id '${query[name]}'`);
    return place;
  };
  if (query.before_id !== undefined) {
    const end = placeOf('before_id');
    const start = Math.max(0, end - limit);
    return { items: all.slice(start, end), hasMore: start > 0 };
  }
  const start = query.after_id === undefined ? 0 : placeOf('after_id') + 1;
  return { items: all.slice(start, start + limit), hasMore: start + limit < all.length };
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return USUAL;
  const limit = Number(text);
  if (!Number.isInteger(limit))
    throw fault(400, 'limit: Input should be a valid integer, unable to parse string as an integer');
  if (limit < 1) throw fault(400, 'limit: Input should be greater than or equal to 1');
  if (limit > MOST) throw fault(400, `limit: Input should be less than or equal to ${MOST}`);
  return limit;
}
