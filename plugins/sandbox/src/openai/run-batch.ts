import { pause } from '../service/pause.js';
import { workThrough } from '../service/work-through.js';
import { BatchRows } from './batch-rows.js';
import { snapshotOf } from './models.js';
import type { OpenAiState, StoredBatch } from './state.js';
import { validateInput } from './validate-input.js';
import { unixNow, type BatchStatus } from './wire.js';

/** Runs a batch to its end. Whatever stops it, such as an input file that is deleted too early, makes it fail. */
export async function runBatch(state: OpenAiState, batch: StoredBatch): Promise<void> {
  try {
    await live(state, batch);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    batch.info.errors = {
      object: 'list',
      data: [{ code: 'server_error', message, param: null, line: null }],
    };
    batch.info.failed_at = unixNow();
    batch.info.status = 'failed';
    state.context.log(`${batch.info.id} failed: ${message}`);
  }
}

/** The life of a batch: validating, in progress, finalizing, and one of four ends. */
async function live(state: OpenAiState, batch: StoredBatch): Promise<void> {
  const { context } = state;
  const { info } = batch;
  const cancelled = batch.cancel.signal;
  const stopped = [cancelled, context.closing];
  const enter = (status: BatchStatus): void => {
    info.status = status;
    context.log(`${info.id} ${status}`);
  };

  const input = state.files.get(info.input_file_id);
  if (!input) throw new Error(`No such File object: ${info.input_file_id}`);
  const startedAt = performance.now();
  const { index, errors, model } = await validateInput(
    { path: input.path, bytes: input.info.bytes },
    info.endpoint,
    context.closing,
  );
  if (model !== null) info.model = snapshotOf(model);
  await pause(context.timing.validatingMs - (performance.now() - startedAt), ...stopped);
  if (context.closing.aborted) return;
  if (cancelled.aborted) {
    // Nothing was accepted yet, so there is nothing to account for: counts stay zero and no file is written.
    await pause(context.timing.cancellingMs, context.closing);
    info.cancelled_at = unixNow();
    return enter('cancelled');
  }
  if (errors.length > 0) {
    info.errors = { object: 'list', data: errors };
    info.failed_at = unixNow();
    return enter('failed');
  }

  const rows = new BatchRows(state, batch, input, index);
  try {
    info.request_counts.total = rows.total;
    info.in_progress_at = unixNow();
    enter('in_progress');
    const flush = (): Promise<void> => rows.flush();
    const done = await workThrough({
      total: rows.total,
      durationMs: context.timing.inProgressMs,
      handle: (place) => rows.answer(place),
      flush,
      signals: stopped,
    });
    if (!cancelled.aborted && !context.closing.aborted) {
      info.finalizing_at = unixNow();
      enter('finalizing');
      await pause(context.timing.finalizingMs, ...stopped);
    }
    if (context.closing.aborted) return;
    if (cancelled.aborted) {
      const startedCancelling = performance.now();
      const left = rows.total - done;
      const handle = (place: number): void => rows.cancel(done + place);
      await workThrough({ total: left, durationMs: 0, handle, flush, signals: [context.closing] });
      await pause(context.timing.cancellingMs - (performance.now() - startedCancelling), context.closing);
    }
    if (context.closing.aborted) return;
    await rows.publish();
    info.usage = rows.usage;
    const end = cancelled.aborted ? 'cancelled' : context.endAs;
    info[`${end}_at`] = unixNow();
    enter(end);
  } finally {
    await rows.close();
  }
}
