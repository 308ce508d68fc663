import type { Collection } from '../service/collection.js';
import { fault } from './errors.js';

interface PageQuery {
  limit?: string;
  after?: string;
  order?: string;
}

/** One page of a list; `after` is the id of the last item of the page before. */
export function pageOf<T extends { info: { id: string } }>(
  collection: Collection<T>,
  query: PageQuery,
  rules: { most: number; usual: number; what: string; keep?: (item: T) => boolean },
) {
  const limit = query.limit === undefined ? rules.usual : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > rules.most) {
    throw fault(400, {
      message: `Invalid 'limit': expected an integer from 1 to ${rules.most}, but got ${query.limit} instead.`,
      param: 'limit',
      code: limit > rules.most ? 'integer_above_max_value' : 'integer_below_min_value',
    });
  }
  let items = collection.newestFirst().map(([, item]) => item);
  if (query.order === 'asc') items.reverse();
  if (rules.keep) items = items.filter(rules.keep);
  if (query.after !== undefined) {
    const place = items.findIndex((item) => item.info.id === query.after);
    if (place === -1)
      throw fault(404, { message: `No ${rules.what} found with id '${query.after}'.`, param: 'after' });
    items = items.slice(place + 1);
  }
  const data = items.slice(0, limit).map((item) => item.info);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > limit,
  };
}
