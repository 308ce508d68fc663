import { rm } from 'node:fs/promises';
import { pause } from '../service/pause.js';
import type { RowIndex } from '../service/row-index.js';
import { workThrough } from '../service/work-through.js';
import { BatchRows } from './batch-rows.js';
import type { AnthropicState, StoredBatch } from './state.js';
import { timestamp } from './wire.js';

/** Takes a batch to its end. Until then its counts say `processing` for every row, whatever is done already. */
export async function runBatch(state: AnthropicState, batch: StoredBatch, index: RowIndex): Promise<void> {
  const { context } = state;
  const cancelled = batch.cancel.signal;
  const rows = new BatchRows(state, batch, index);
  try {
    const flush = (): Promise<void> => rows.flush();
    const done = await workThrough({
      total: rows.total,
      durationMs: context.timing.inProgressMs,
      handle: (place) => rows.answer(place),
      flush,
      signals: [cancelled, context.closing],
    });
    if (cancelled.aborted) {
      const startedAt = performance.now();
      const handle = (place: number): void => rows.cancel(done + place);
      await workThrough({
        total: rows.total - done,
        durationMs: 0,
        handle,
        flush,
        signals: [context.closing],
      });
      await pause(context.timing.cancellingMs - (performance.now() - startedAt), context.closing);
    }
    if (context.closing.aborted) return;
    await rows.close();
    await rm(batch.bodyPath, { force: true });
    batch.info.request_counts = rows.counts;
    batch.info.ended_at = timestamp();
    batch.info.processing_status = 'ended';
    context.log(`${batch.info.id} ended`);
  } finally {
    await rows.close();
  }
}
