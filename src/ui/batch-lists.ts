import type { ListedBatches } from '../core/list-everywhere.js';
import { renderBatchTable, type BatchRow } from './batch-table.js';

export interface RenderListsOptions {
  /** One table over all providers. */
  merged: boolean;
  limit: number;
  fullId?: boolean;
  stream?: NodeJS.WriteStream;
}

const COMMON_COUNTS = ['succeeded', 'failed', 'total'];

/** The lists of one or of several providers as a table. */
export async function renderLists(
  lists: readonly ListedBatches[],
  options: RenderListsOptions,
): Promise<string> {
  const { merged, limit, fullId, stream } = options;
  const [only] = lists;
  const rows: BatchRow[] = lists
    .flatMap(({ provider, batches }) => batches.map((batch) => ({ provider, batch })))
    .sort((a, b) => (b.batch.times.created?.getTime() ?? 0) - (a.batch.times.created?.getTime() ?? 0))
    .slice(0, limit);
  if (rows.length === 0)
    return merged ? 'No batches found' : `No batches found at ${only?.provider.name ?? 'the provider'}`;
  return await renderBatchTable({
    title: merged ? 'Batch Jobs' : `${only?.provider.name} Batch Jobs`,
    rows,
    counts: merged ? COMMON_COUNTS : (only?.provider.counts ?? COMMON_COUNTS),
    showProvider: merged,
    fullId,
    stream,
  });
}
