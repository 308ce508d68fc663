import type { Outcome } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { readFileBlocks } from '../rows/input-file.js';
import type { Output } from '../rows/output-file.js';
import { readLines } from '../rows/read-lines.js';
import { AnswerBook } from './answer-book.js';
import { AskedRequests } from './asked-requests.js';
import type { CollectOptions } from './collect-results.js';
import type { LineFile } from './create-requests.js';
import { canContinue, withComplaints } from './follow-up.js';
import type { OriginalIds } from './original-ids.js';
import type { BatchResult } from './result-row.js';
import { ResultSummary } from './result-summary.js';
import { decideRetry, type RetryRules } from './retry-decision.js';
import { isHashedId } from './safe-ids.js';

export interface RetryOptions extends CollectOptions {
  requestsFile: string;
  rules: RetryRules;
  originalIds: OriginalIds;
  /** A new limit for answers that are asked for again; else a truncated one gets twice the room. */
  maxTokens?: number;
  output: Output;
  /** Where the rows go that are not asked again, with why. */
  leftOut: LineFile;
  idList: LineFile;
}

export interface RetriedRequests {
  requests: number;
  /** Rows that are asked again, by what became of them before. */
  again: Map<Outcome, number>;
  /** Those of them that are asked with a complaint. */
  reasked: number;
  /** Rows that have a good answer. */
  done: number;
  /** Rows that are left alone, and why. */
  leftOut: ResultSummary;
  /** Answers that belong to no request of the file. */
  unexpected: number;
}

/** Writes the requests of those rows that are worth another try. Nothing is committed. */
export async function retryRequests(options: RetryOptions): Promise<RetriedRequests> {
  const { requestsFile, signal } = options;
  const asked = new AskedRequests(options);
  const retried: RetriedRequests = {
    requests: 0,
    again: new Map(),
    reasked: 0,
    done: 0,
    leftOut: new ResultSummary(),
    unexpected: 0,
  };
  const refused = refusedLines(options);
  const book = await AnswerBook.open(options);
  try {
    for await (const { first, lines } of readLines(readFileBlocks(requestsFile, { signal }), requestsFile)) {
      for (const [offset, text] of lines.entries()) {
        if (text.trim() === '') continue;
        const { request, id } = readRequest(options, text, first + offset);
        const answer = book.answerTo(id);
        if (answer === undefined) continue;
        asked.add(book.has(id));
        const row = answer instanceof Promise ? await answer : answer;
        const refusal = refused.get(first + offset);
        await take(options, retried, { text, request, id, row: refusal ? refusedRow(row, refusal) : row });
      }
    }
  } finally {
    await book.close();
  }
  retried.unexpected = asked.check(book.size);
  return retried;
}

interface AskedRow {
  text: string;
  request: unknown;
  id: string;
  row: BatchResult;
}

async function take(options: RetryOptions, retried: RetriedRequests, asked: AskedRow): Promise<void> {
  const { output, rules, leftOut, idList, originalIds } = options;
  const { row, id } = asked;
  const decision = decideRetry(row, rules, timesAsked(options, row));
  if (decision.act === 'done') {
    retried.done += 1;
    return;
  }
  const original = await originalIds.of(id);
  if (decision.act === 'leave') {
    const { outcome, error } = row as Extract<BatchResult, { success: false }>;
    retried.leftOut.add({
      ...row,
      customId: original,
      otherAttempts: undefined,
      error: { ...error, message: decision.why },
    } as BatchResult);
    await leftOut.add({ custom_id: original, outcome, type: error.type, why: decision.why });
    return;
  }
  retried.requests += 1;
  retried.again.set(row.outcome, (retried.again.get(row.outcome) ?? 0) + 1);
  if (decision.act === 'reask') retried.reasked += 1;
  const full = output.write(`${decision.act === 'reask' ? reasked(options, asked) : asked.text.trim()}\n`);
  if (full) await full;
  if (original !== id && isHashedId(id)) await idList.add({ custom_id: id, id: original });
}

function reasked({ provider, name, maxTokens }: RetryOptions, { request, row }: AskedRow): string {
  if (!canContinue(provider)) {
    throw new InstructorError('unsupported', `The plugin for ${name} cannot continue a conversation`, {
      hint: 'Leave --reask out: the rows are then asked again as they were',
    });
  }
  return JSON.stringify(withComplaints(provider, request, row, maxTokens));
}

function readRequest(
  { provider, requestsFile }: RetryOptions,
  text: string,
  line: number,
): { request: unknown; id: string } {
  try {
    const request: unknown = JSON.parse(text);
    const { customId } = provider.checkRequest(request);
    if (customId !== undefined) return { request, id: customId };
  } catch {
    // Said below, in the same words.
  }
  throw new InstructorError('input', `${requestsFile}:${line}: this is not a request`, {
    hint: 'Give the file that was submitted: --requests-file FILE',
  });
}

/** How often a row was asked. One without any answer was in every batch, but a batch that failed asked nothing. */
function timesAsked({ batches }: RetryOptions, row: BatchResult): number {
  if (row.attempts !== undefined) return row.attempts;
  return row.outcome === 'missing' ? batches.filter(({ status }) => status !== 'failed').length : 1;
}

/** Lines for which the provider refused the whole batch: they would be refused again. */
function refusedLines({ batches }: RetryOptions): Map<number, string> {
  const [only] = batches.length === 1 ? batches : [];
  return new Map(
    (only?.problems ?? []).flatMap(({ line, message }) =>
      line === undefined ? [] : [[line, message] as const],
    ),
  );
}

function refusedRow(row: BatchResult, message: string): BatchResult {
  if (row.success) return row;
  return { ...row, error: { ...row.error, type: 'refused_line', message, retryable: false } };
}
