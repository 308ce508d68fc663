import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { answerRows } from '../service/answer-rows.js';
import { Checkpoints } from '../service/checkpoints.js';
import { pause } from '../service/pause.js';
import type { RowIndex } from '../service/row-index.js';
import { workThrough } from '../service/work-through.js';
import { BatchRows, type Progress } from './batch-rows.js';
import { RequestScanner } from './request-scanner.js';
import type { AnthropicState, StoredBatch } from './state.js';
import { timestamp } from './wire.js';

/** Takes a batch to its end. Until then its counts say `processing` for every row, whatever is done already. */
export async function runBatch(state: AnthropicState, batch: StoredBatch, index: RowIndex): Promise<void> {
  const { context } = state;
  const { info } = batch;
  const cancelled = batch.cancel.signal;
  const rows = new BatchRows(state, batch, index, context.store.get<Progress>('progress', info.id));
  const checkpoints = new Checkpoints(context.store, () => [
    { kind: 'progress', id: info.id, value: rows.progress() },
    ...context.ledger.change(info.id),
    ...context.faults.changes(),
  ]);
  const flush = async (): Promise<void> => {
    await rows.flush();
    checkpoints.pass();
  };
  const { total } = rows;
  try {
    await answerRows(context, rows, flush, [cancelled, context.closing]);
    checkpoints.write();
    if (batch.faults.stuck) {
      await context.releases.wait(info.id, batch.faults.stuck.ms, cancelled, context.closing);
      if (!context.closing.aborted) batch.faults.stuck = undefined;
    }
    if (cancelled.aborted) {
      const startedAt = performance.now();
      const handle = (place: number): void => rows.cancel(place);
      await workThrough({
        total,
        from: rows.done,
        durationMs: 0,
        handle,
        flush,
        signals: [context.closing],
      });
      checkpoints.write();
      await pause(context.timing.cancellingMs - (performance.now() - startedAt), context.closing);
    }
    if (context.closing.aborted) return;
    await rows.publish();
    info.request_counts = rows.counts;
    const { countsOff = 0 } = batch.faults;
    rows.counts.succeeded = Math.max(0, rows.counts.succeeded + countsOff);
    info.ended_at = timestamp();
    info.processing_status = 'ended';
    state.save(batch, { kind: 'progress', id: info.id });
    context.log(`${info.id} ended`);
    await rm(batch.bodyPath, { force: true });
  } finally {
    await rows.close();
  }
}

/** Goes on with a batch that an earlier run of the sandbox left unfinished. */
export async function resumeBatch(state: AnthropicState, batch: StoredBatch): Promise<void> {
  const scanner = new RequestScanner(() => undefined);
  for await (const chunk of createReadStream(batch.bodyPath) as AsyncIterable<Buffer>) scanner.push(chunk);
  await runBatch(state, batch, scanner.index);
}
