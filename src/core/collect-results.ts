import { isProviderError, type Batch, type BatchProvider, type RowError } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { IdTable } from '../rows/id-table.js';
import { readLines } from '../rows/read-lines.js';
import { AnswerBook } from './answer-book.js';
import { mostAsked } from './asked-requests.js';
import type { OriginalIds } from './original-ids.js';
import { readBatchFile, type ReadFileOptions } from './read-batch-file.js';
import type { RowReader } from './read-results.js';
import type { BatchResult } from './result-row.js';
import type { ResultSummary } from './result-summary.js';
import { nameOf, noteUnreadable, resultFiles, type ResultLine } from './spool-lines.js';

export interface CollectOptions extends ReadFileOptions {
  provider: BatchProvider;
  /** One, or several attempts at the same requests, the oldest first. */
  batches: readonly Batch[];
  readRow: RowReader;
  summary: ResultSummary;
  /** The custom ids of the requests in their order, if they are known. */
  requestIds?: AsyncIterable<string[]>;
  /** Rows of input that the answers are to be put beside; they give the order then. */
  join?: AsyncIterable<JoinRow[]>;
  /** Each of them had a request, so that it need not be looked up. */
  everyRowAsked?: boolean;
  /** What is thrown if no row of it has an answer. */
  nothingJoined?: () => Error;
  /** Turns custom ids back into the ids that the user gave. */
  originalIds?: OriginalIds;
  /** The request file turned out to be gone; rows come as the provider sent them. */
  onRequestsGone?: () => void;
  /** There are more requests than the batches had: they are not all, or the requests are others. */
  onMoreRequests?: (requests: number, asked: number) => void;
  onUnreadable?: (place: { file: string; line: number; reason: string }) => void;
  /** Why a request without any result has none, where the caller knows more than the batches tell. */
  whyMissing?: (customId: string) => RowError | undefined;
}

/** A row of input, and the custom id that its request has; none if it cannot have been asked. */
export interface JoinRow {
  /** What the user calls it. */
  id?: string;
  customId: string | undefined;
  values: Record<string, unknown>;
}

/**
 * Reads all result files and gives every row once. With `requestIds` the rows come in that order, and those without
 * an answer come as `missing`; answers wait in a file on disk for their turn. Of several batches each row has its
 * latest good answer. Otherwise rows come as the provider sent them.
 */
export async function* collectResults(options: CollectOptions): AsyncGenerator<BatchResult[]> {
  const { summary, originalIds } = options;
  for await (const block of rowsOf(options)) {
    for (const row of block) {
      // A joined row has its own id already.
      if (originalIds && !row.input) {
        const id = originalIds.of(row.customId);
        row.customId = typeof id === 'string' ? id : await id;
      }
      summary.add(row);
    }
    yield block;
  }
}

function rowsOf(options: CollectOptions): AsyncGenerator<BatchResult[]> {
  const { requestIds, join, batches } = options;
  if (join) return joined(options, join);
  if (requestIds) return inOrder(options, requestIds);
  return batches.length > 1 ? merged(options) : asTheyCome(options);
}

async function* resultLines(options: CollectOptions): AsyncGenerator<ResultLine[]> {
  const { provider, signal } = options;
  for (const { file } of resultFiles(options)) {
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
  const { readRow, summary } = options;
  const seen = new IdTable(mostRequests(options));
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
  summary.unaccounted = Math.max(0, mostRequests(options) - seen.size - summary.unreadableLines);
}

/** Attempts of which only the answers are known. */
async function* merged(options: CollectOptions): AsyncGenerator<BatchResult[]> {
  const book = await AnswerBook.open(options);
  try {
    yield* withoutRequests(options, book);
  } finally {
    await book.close();
  }
}

async function* withoutRequests(options: CollectOptions, book: AnswerBook): AsyncGenerator<BatchResult[]> {
  const { summary } = options;
  // Before the rows are read: one that cannot be read then is in the book already.
  const known = book.size + summary.unreadableLines;
  yield* book.others();
  summary.unaccounted = Math.max(0, mostRequests(options) - known);
}

/** A later attempt repeats some of the requests of the first, so their numbers do not add up. */
function mostRequests({ batches }: CollectOptions): number {
  return Math.max(0, ...batches.map(({ requests }) => requests.total ?? 0));
}

async function* inOrder(
  options: CollectOptions,
  requestIds: AsyncIterable<string[]>,
): AsyncGenerator<BatchResult[]> {
  const { signal, summary, batches } = options;
  const book = await AnswerBook.open(options);
  try {
    let asked = 0;
    let given = 0;
    for await (const ids of idsOrNothing(options, requestIds)) {
      signal?.throwIfAborted();
      if (ids === undefined) {
        yield* withoutRequests(options, book);
        return;
      }
      const rows: BatchResult[] = [];
      for (const id of ids) {
        asked += 1;
        const answer = book.answerTo(id);
        // That attempts repeat requests is their purpose.
        if (answer === undefined) summary.repeatedRequests += batches.length > 1 ? 0 : 1;
        else rows.push(answer instanceof Promise ? await answer : answer);
      }
      given += rows.length;
      yield rows;
    }
    if (asked === 0) throw noRequests();
    const most = mostAsked(batches);
    if (most !== undefined && given > most) options.onMoreRequests?.(given, most);
    yield* unexpectedRows(options, book);
  } finally {
    await book.close();
  }
}

async function* joined(
  options: CollectOptions,
  join: AsyncIterable<JoinRow[]>,
): AsyncGenerator<BatchResult[]> {
  const { signal, summary } = options;
  const book = await AnswerBook.open(options);
  try {
    const wasAsked = await knowsWhatWasAsked(options, book);
    let found = 0;
    for await (const block of join) {
      signal?.throwIfAborted();
      const rows: BatchResult[] = [];
      for (const { id, customId, values } of block) {
        if (customId === undefined || !wasAsked(customId)) {
          summary.notAsked += 1;
          continue;
        }
        if (book.has(customId)) found += 1;
        const answer = book.answerTo(customId) ?? repeatedRow(customId);
        const row = answer instanceof Promise ? await answer : answer;
        rows.push({ ...row, customId: id ?? row.customId, input: values });
      }
      yield rows;
    }
    if (found === 0 && book.size > 0 && options.nothingJoined) throw options.nothingJoined();
    yield* unexpectedRows(options, book);
  } finally {
    await book.close();
  }
}

/** Tells which rows had a request; all, where nobody knows. */
async function knowsWhatWasAsked(
  options: CollectOptions,
  book: AnswerBook,
): Promise<(customId: string) => boolean> {
  if (options.everyRowAsked) return () => true;
  const asked = await idsAsked(options);
  if (asked) return (customId) => asked.find(customId) >= 0;
  return everyRequestAnswered(options, book) ? (customId) => book.has(customId) : () => true;
}

function everyRequestAnswered(options: CollectOptions, book: AnswerBook): boolean {
  const known = options.batches.every(({ requests }) => (requests.total ?? 0) > 0);
  return known && options.summary.unreadableLines === 0 && book.size >= mostRequests(options);
}

async function idsAsked(options: CollectOptions): Promise<IdTable | undefined> {
  if (!options.requestIds) return undefined;
  const asked = new IdTable(mostRequests(options));
  for await (const ids of idsOrNothing(options, options.requestIds)) {
    if (ids === undefined) return undefined;
    for (const id of ids) asked.add(id);
  }
  return asked;
}

function repeatedRow(customId: string): BatchResult {
  const error = { type: 'repeated_id', message: 'An earlier row of the input has the same id' };
  return { customId, outcome: 'missing', success: false, error };
}

function noRequests(): InstructorError {
  return new InstructorError('input', 'The requests file holds no request', {
    hint: 'Give the file that was submitted: --requests-file FILE',
  });
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

/** Answers that nobody asked for, by what is at hand: shown at the end rather than dropped. */
async function* unexpectedRows(options: CollectOptions, book: AnswerBook): AsyncGenerator<BatchResult[]> {
  for await (const rows of book.others()) {
    options.summary.unexpected += rows.length;
    yield rows;
  }
}
