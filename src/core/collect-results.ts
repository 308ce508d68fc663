import { isProviderError, type Batch, type BatchProvider } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { IdTable } from '../rows/id-table.js';
import { readLines } from '../rows/read-lines.js';
import { readBatchFile, type ReadFileOptions } from './read-batch-file.js';
import type { RowReader } from './read-results.js';
import type { BatchResult } from './result-row.js';
import type { ResultSummary } from './result-summary.js';
import { nameOf, noteUnreadable, spoolLines, type ResultLine } from './spool-lines.js';
import { Spool } from './spool.js';

export interface CollectOptions extends ReadFileOptions {
  provider: BatchProvider;
  batch: Batch;
  readRow: RowReader;
  summary: ResultSummary;
  /** The custom ids of the requests in their order, if they are known. */
  requestIds?: AsyncIterable<string[]>;
  /** The request file turned out to be gone; rows come as the provider sent them. */
  onRequestsGone?: () => void;
  onUnreadable?: (place: { file: string; line: number; reason: string }) => void;
}

/**
 * Reads all result files of a batch and gives every row once. With `requestIds` the rows come in that order, and
 * those without an answer come as `missing`; answers wait in a file on disk for their turn. Without, they come as
 * the provider sent them.
 */
export async function* collectResults(options: CollectOptions): AsyncGenerator<BatchResult[]> {
  const { summary, requestIds } = options;
  const rows = requestIds ? inOrder(options, requestIds) : asTheyCome(options);
  for await (const block of rows) {
    for (const row of block) summary.add(row);
    yield block;
  }
}

async function* resultLines(options: CollectOptions): AsyncGenerator<ResultLine[]> {
  const { provider, batch, signal } = options;
  for (const file of batch.files) {
    if (file.kind === 'input') continue;
    const name = nameOf(file);
    for await (const { first, lines } of readLines(readBatchFile(provider, file, options), name)) {
      signal?.throwIfAborted();
      const block: ResultLine[] = [];
      for (const [offset, text] of lines.entries()) {
        if (text !== '' && text.trim() !== '') block.push({ file: name, line: first + offset, text });
      }
      yield block;
    }
  }
}

async function* asTheyCome(options: CollectOptions): AsyncGenerator<BatchResult[]> {
  const { batch, readRow, summary } = options;
  const seen = new IdTable(batch.requests.total);
  for await (const block of resultLines(options)) {
    const rows: BatchResult[] = [];
    for (const line of block) {
      try {
        const reading = readRow(line.text);
        const row = reading instanceof Promise ? await reading : reading;
        if (seen.add(row.customId) >= 0) rows.push(row);
        else summary.duplicates += 1;
      } catch (error) {
        noteUnreadable(options, line, error);
      }
    }
    yield rows;
  }
  summary.unaccounted = Math.max(0, (batch.requests.total ?? 0) - seen.size - summary.unreadableLines);
}

async function* inOrder(
  options: CollectOptions,
  requestIds: AsyncIterable<string[]>,
): AsyncGenerator<BatchResult[]> {
  const { batch, signal, summary } = options;
  const spool = await Spool.create();
  try {
    const table = await spoolLines(options, spool);
    const given = new Uint8Array(table.size);
    // Those of the requests that have no answer; the others are marked as given.
    const unanswered = new IdTable();
    let asked = 0;
    for await (const ids of idsOrNothing(options, requestIds)) {
      signal?.throwIfAborted();
      if (ids === undefined) {
        // Before the rows are read: one that cannot be read then is in the table already.
        const known = table.size + summary.unreadableLines;
        yield* spooledRows(options, spool, given);
        summary.unaccounted = Math.max(0, (batch.requests.total ?? 0) - known);
        return;
      }
      const rows: BatchResult[] = [];
      for (const id of ids) {
        asked += 1;
        const number = table.find(id);
        if (number === -1 ? unanswered.add(id) < 0 : given[number] === 1) {
          summary.repeatedRequests += 1;
          continue;
        }
        if (number === -1) {
          rows.push(missing(id, batch));
          continue;
        }
        const reading = readSpooled(options, id, number, spool.get(number));
        rows.push(reading instanceof Promise ? await reading : reading);
        given[number] = 1;
      }
      yield rows;
    }
    if (asked === 0) throw noRequests();
    yield* unexpectedRows(options, spool, given);
  } finally {
    await spool.close();
  }
}

function noRequests(): InstructorError {
  return new InstructorError('input', 'The requests file holds no request', {
    hint: 'Give the file that was submitted: --requests-file FILE',
  });
}

function readSpooled(
  options: CollectOptions,
  customId: string,
  number: number,
  text: string,
): BatchResult | Promise<BatchResult> {
  const unreadable = (error: unknown): BatchResult => {
    noteUnreadable(options, { file: 'the result files', line: number + 1, text }, error);
    const message = `The result line of this request cannot be read: ${(error as Error).message}`;
    return { customId, outcome: 'missing', success: false, error: { type: 'unreadable_result', message } };
  };
  try {
    const reading = options.readRow(text);
    return reading instanceof Promise ? reading.catch(unreadable) : reading;
  } catch (error) {
    return unreadable(error);
  }
}

/** Gives `undefined` once if the file with the requests is gone, which shows only when it is opened. */
async function* idsOrNothing(
  options: CollectOptions,
  requestIds: AsyncIterable<string[]>,
): AsyncGenerator<string[] | undefined> {
  try {
    yield* requestIds;
  } catch (error) {
    if (!isProviderError(error) || error.code !== 'not_found') throw error;
    options.onRequestsGone?.();
    yield undefined;
  }
}

/** Answers that nobody asked for, by the request file at hand: shown at the end rather than dropped. */
async function* unexpectedRows(
  options: CollectOptions,
  spool: Spool,
  given: Uint8Array,
): AsyncGenerator<BatchResult[]> {
  for await (const rows of spooledRows(options, spool, given)) {
    options.summary.unexpected += rows.length;
    yield rows;
  }
}

/** The rows that were not given yet, as they came. */
async function* spooledRows(
  options: CollectOptions,
  spool: Spool,
  given: Uint8Array,
): AsyncGenerator<BatchResult[]> {
  for (const [number, wasGiven] of given.entries()) {
    if (wasGiven) continue;
    try {
      yield [await options.readRow(spool.get(number))];
    } catch (error) {
      noteUnreadable(options, { file: 'the result files', line: number + 1, text: '' }, error);
    }
  }
}

function missing(customId: string, batch: Batch): BatchResult {
  const [problem] = batch.problems;
  const error =
    batch.status === 'failed'
      ? {
          type: 'batch_failed',
          message: problem?.message ?? 'The batch failed before any request was answered',
          code: problem?.code,
        }
      : { type: 'no_result', message: 'The batch ended without any result for this request' };
  return { customId, outcome: 'missing', success: false, error };
}
