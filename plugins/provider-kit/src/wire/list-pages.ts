import { asRecord, asText } from './read.js';

export interface PageSource<Item extends { id: string }> {
  /** Fetches one page of `{data: […], has_more}`, newest first. */
  fetchPage: (pageSize: number, after: string | undefined) => Promise<unknown>;
  /** Reads one item; throws if it is none, and gives undefined for one that is to be passed over. */
  readItem: (raw: unknown) => Item | undefined;
  /** The most that one page can hold. */
  maxPageSize: number;
  /** How many are wanted in all. */
  limit?: number;
}

/** Walks a list that is paged by the id of its last item, with as few calls as the provider allows. */
export async function* listPages<Item extends { id: string }>(
  source: PageSource<Item>,
): AsyncGenerator<Item> {
  let after: string | undefined;
  let previous: string | undefined;
  for (let left = source.limit ?? Number.POSITIVE_INFINITY; left > 0;) {
    const page = asRecord(await source.fetchPage(Math.min(left, source.maxPageSize), after));
    const data = page?.['data'];
    // Something else than a page is answered like something else than an item: with the error that says so.
    if (!Array.isArray(data)) return void source.readItem(undefined);
    for (const raw of data) {
      const item = source.readItem(raw);
      after = item?.id ?? asText(asRecord(raw)?.['id']) ?? after;
      if (!item) continue;
      yield item;
      left -= 1;
      if (left === 0) return;
    }
    // A service that does not know `after` sends its first page for ever.
    if (page?.['has_more'] !== true || after === previous) return;
    previous = after;
  }
}
