import type { Batch } from '../contract/batch.js';
import { asRecord } from './read.js';

export interface PageSource {
  /** Fetches one page of `{data: […], has_more}`, newest first. */
  fetchPage: (pageSize: number, after: string | undefined) => Promise<unknown>;
  /** Reads one item; throws if it is no batch. */
  readBatch: (raw: unknown) => Batch;
  /** The most that one page can hold. */
  maxPageSize: number;
  /** How many are wanted in all. */
  limit?: number;
}

/** Walks a list that is paged by the id of its last item, with as few calls as the provider allows. */
export async function* listPages(source: PageSource): AsyncGenerator<Batch> {
  let after: string | undefined;
  let previous: string | undefined;
  for (let left = source.limit ?? Number.POSITIVE_INFINITY; left > 0;) {
    const page = asRecord(await source.fetchPage(Math.min(left, source.maxPageSize), after));
    const data = page?.['data'];
    // Something else than a page is answered like something else than a batch: with the error that says so.
    if (!Array.isArray(data)) return void source.readBatch(undefined);
    for (const raw of data) {
      const batch = source.readBatch(raw);
      after = batch.id;
      yield batch;
      left -= 1;
      if (left === 0) return;
    }
    // A service that does not know `after` sends its first page for ever.
    if (page?.['has_more'] !== true || after === previous) return;
    previous = after;
  }
}
