import { link, rm } from 'node:fs/promises';
import { strikeQueue, type QueueLoad } from '../faults/queue-limit.js';
import { answerRows } from '../service/answer-rows.js';
import { Checkpoints } from '../service/checkpoints.js';
import { CustomIdFile } from '../service/custom-ids.js';
import { customIdsName } from '../service/ledger.js';
import { pause } from '../service/pause.js';
import type { Change } from '../service/store.js';
import { workThrough } from '../service/work-through.js';
import { BatchRows, type Progress } from './batch-rows.js';
import { tokenLimit } from './errors.js';
import { snapshotOf } from './models.js';
import { fileChange, type OpenAiState, type StoredBatch } from './state.js';
import { validateInput, type ValidatedInput } from './validate-input.js';
import { unixNow, type BatchError, type BatchStatus } from './wire.js';

/** Runs a batch to its end. Whatever stops it, such as an input file that is deleted too early, makes it fail. */
export async function runBatch(state: OpenAiState, batch: StoredBatch): Promise<void> {
  try {
    const input = await validated(state, batch);
    if (input) await answered(state, batch, input);
  } catch (error) {
    if (state.context.closing.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    fail(state, batch, [{ code: 'server_error', message, param: null, line: null }]);
    state.context.log(`${batch.info.id} failed: ${message}`);
  }
}

function fail(state: OpenAiState, batch: StoredBatch, errors: BatchError[]): void {
  batch.info.errors = { object: 'list', data: errors };
  batch.info.failed_at = unixNow();
  enter(state, batch, 'failed');
}

function enter(state: OpenAiState, batch: StoredBatch, status: BatchStatus, ...along: Change[]): void {
  batch.info.status = status;
  state.save(batch, ...along);
  state.context.log(`${batch.info.id} ${status}`);
}

/** The first part of its life: validating. Gives nothing if that was the end of it. */
async function validated(state: OpenAiState, batch: StoredBatch): Promise<ValidatedInput | undefined> {
  const { context } = state;
  const { info } = batch;
  const cancelled = batch.cancel.signal;
  if (info.in_progress_at !== null) return readInput(state, batch, state.inputPath(batch));

  const input = state.files.get(info.input_file_id);
  if (!input) throw new Error(`No such File object: ${info.input_file_id}`);
  const startedAt = performance.now();
  const read = await readInput(state, batch, input.path);
  if (context.closing.aborted) return undefined;
  if (read.model !== null) info.model = snapshotOf(read.model);
  await pause(context.timing.validatingMs - (performance.now() - startedAt), cancelled, context.closing);
  if (context.closing.aborted) return undefined;
  if (cancelled.aborted) {
    // Nothing was accepted yet, so there is nothing to account for: counts stay zero and no file is written.
    await pause(context.timing.cancellingMs, context.closing);
    if (context.closing.aborted) return undefined;
    info.cancelled_at = unixNow();
    enter(state, batch, 'cancelled');
    return undefined;
  }
  const errors = read.errors.length > 0 ? read.errors : struckErrors(state, batch, read.index.size);
  if (errors.length > 0) {
    fail(state, batch, errors);
    return undefined;
  }
  await rm(state.inputPath(batch), { force: true });
  await link(input.path, state.inputPath(batch));
  return read;
}

/** What a fault finds wrong with a batch that is sound. */
function struckErrors(state: OpenAiState, batch: StoredBatch, requests: number): BatchError[] {
  const { info, tokens, faults } = batch;
  if (faults.invalid) {
    const { lines, code = 'invalid_request' } = faults.invalid;
    const message = 'The sandbox was asked to refuse this line.';
    return Array.from({ length: Math.min(lines, requests) }, (_, index) => ({
      code,
      message,
      param: null,
      line: index + 1,
    }));
  }
  const accepted = (other: StoredBatch): boolean => other !== batch && other.info.in_progress_at !== null;
  const load = (): QueueLoad => state.queueLoad({ tokens, requests }, accepted);
  const full = strikeQueue(state.context.faults, { protocol: 'openai' }, load, 'failed');
  if (!full) return [];
  const { code, message } = tokenLimit(info.model, full.tokens ?? 0);
  return [{ code, message, param: null, line: null }];
}

/** Reads the input, and the first time keeps the custom ids. */
async function readInput(state: OpenAiState, batch: StoredBatch, path: string): Promise<ValidatedInput> {
  const { closing, ledger } = state.context;
  const { id, endpoint } = batch.info;
  const created = ledger.get(id);
  const ids = created?.customIdsSha256 === null ? new CustomIdFile(state.path(customIdsName(id))) : undefined;
  try {
    const read = await validateInput(path, endpoint, closing, ids);
    if (created && ids && !closing.aborted) {
      created.customIdsSha256 = ids.finish();
      created.requests = read.index.size;
    }
    return read;
  } finally {
    ids?.discard();
  }
}

/** The rest of its life: in progress, finalizing, and one of three ends. */
async function answered(state: OpenAiState, batch: StoredBatch, { index }: ValidatedInput): Promise<void> {
  const { context } = state;
  const { info } = batch;
  const cancelled = batch.cancel.signal;
  const stopped = [cancelled, context.closing];
  const progress = context.store.get<Progress>('progress', info.id);
  const rows = new BatchRows(state, batch, state.inputPath(batch), index, progress);
  const checkpoints = new Checkpoints(context.store, () => [
    { kind: 'progress', id: info.id, value: rows.progress() },
    ...context.ledger.change(info.id),
    ...context.faults.changes(),
  ]);
  const flush = async (): Promise<void> => {
    await rows.flush();
    checkpoints.pass();
  };
  try {
    if (info.in_progress_at === null) {
      info.in_progress_at = unixNow();
      enter(state, batch, 'in_progress');
    }
    await answerRows(context, rows, flush, stopped);
    checkpoints.write();
    if (!cancelled.aborted && !context.closing.aborted) {
      info.finalizing_at ??= unixNow();
      enter(state, batch, 'finalizing');
      await pause(context.timing.finalizingMs, ...stopped);
      if (batch.faults.stuck) {
        await context.releases.wait(info.id, batch.faults.stuck.ms, ...stopped);
        if (!context.closing.aborted) batch.faults.stuck = undefined;
      }
    }
    if (context.closing.aborted) return;
    if (cancelled.aborted) {
      const startedAt = performance.now();
      const handle = (place: number): void => rows.cancel(place);
      const { total, done: from } = rows;
      await workThrough({ total, from, durationMs: 0, handle, flush, signals: [context.closing] });
      checkpoints.write();
      await pause(context.timing.cancellingMs - (performance.now() - startedAt), context.closing);
    }
    if (context.closing.aborted) return;
    const published = await rows.publish();
    info.usage = rows.usage;
    const end = cancelled.aborted ? 'cancelled' : rows.expiresAfter === undefined ? 'completed' : 'expired';
    info[`${end}_at`] = unixNow();
    enter(state, batch, end, ...published.map(fileChange), { kind: 'progress', id: info.id });
    await rm(state.inputPath(batch), { force: true });
  } finally {
    await rows.close();
  }
}
