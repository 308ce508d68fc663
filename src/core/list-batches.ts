import type { Batch, BatchStatus } from '@instructor-cli/provider-kit';
import type { ProviderSession } from './session.js';

export interface ListFilter {
  statuses?: readonly BatchStatus[];
  /** Created at this moment or later. */
  since?: Date;
  /** Pairs that the metadata has to hold. */
  metadata?: Record<string, string>;
}

export interface ListBatchesOptions extends ListFilter {
  limit: number;
  signal?: AbortSignal;
}

/**
 * The newest batches of a provider that pass the filter. No provider filters by all of these, so it is done here;
 * as lists are sorted by age, `since` ends the search.
 */
export async function listBatches(session: ProviderSession, options: ListBatchesOptions): Promise<Batch[]> {
  session.require('list');
  const { limit, since, signal } = options;
  const filtered = options.statuses !== undefined || options.metadata !== undefined;
  const provider = await session.remote();
  const found: Batch[] = [];
  if (limit === 0) return found;
  for await (const batch of provider.list({ limit: filtered ? undefined : limit, signal })) {
    if (since && batch.times.created && batch.times.created < since) break;
    if (passes(batch, options)) found.push(batch);
    if (found.length >= limit) break;
  }
  return found;
}

function passes(batch: Batch, { statuses, metadata }: ListFilter): boolean {
  if (statuses && !statuses.includes(batch.status)) return false;
  return Object.entries(metadata ?? {}).every(([key, value]) => batch.metadata?.[key] === value);
}
