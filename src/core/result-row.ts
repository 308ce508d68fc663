import type { Outcome, RowError, Usage } from '@instructor-cli/provider-kit';

interface RowFacts {
  customId: string;
  outcome: Outcome;
  usage?: Usage;
  model?: string;
  finishReason?: string;
  /** The hash of the result line that this was read from, where receipts are kept. */
  answerSha256?: string;
  /** The columns of the row of input that this answers, where it was joined to them. */
  input?: Record<string, unknown>;
  /** Of several batches: the one with this answer, how many have one, and the others, oldest first. */
  batchId?: string;
  attempts?: number;
  otherAttempts?: Attempt[];
}

/** What another batch said to the same request. */
export interface Attempt {
  batchId: string;
  row: BatchResult;
}

/** A request that was answered, and whose answer fits. */
export interface BatchSuccess<T = unknown> extends RowFacts {
  success: true;
  outcome: 'succeeded';
  result: T;
}

/** A request without a usable answer, and why. */
export interface BatchError extends RowFacts {
  success: false;
  outcome: Exclude<Outcome, 'succeeded'>;
  error: RowError;
  /** What the model said all the same: an answer that does not fit, or the part of one that came. */
  answer?: unknown;
  /** All that is wrong with an answer that does not fit, a line each, in words for the model. */
  complaint?: string;
}

/** What became of one request. */
export type BatchResult<T = unknown> = BatchSuccess<T> | BatchError;

/** The form in which a row is written to a file. */
export function toResultRecord(row: BatchResult): Record<string, unknown> {
  const { customId, usage, model, finishReason, input, batchId, attempts, otherAttempts } = row;
  return {
    custom_id: customId,
    ...toOutcomeRecord(row),
    usage: usage && toUsageRecord(usage),
    model,
    finish_reason: finishReason,
    batch_id: batchId,
    attempts,
    other_attempts: otherAttempts?.map((other) => ({
      batch_id: other.batchId,
      ...toOutcomeRecord(other.row),
    })),
    input,
  };
}

function toOutcomeRecord(row: BatchResult): Record<string, unknown> {
  const { outcome, success } = row;
  if (row.success) return { outcome, success, result: row.result };
  return { outcome, success, error: toErrorRecord(row.error), answer: row.answer };
}

function toErrorRecord(error: RowError): Record<string, unknown> {
  const { type, message, code, status, requestId, retryable } = error;
  return { type, message, code, status, request_id: requestId, retryable };
}

export function toUsageRecord(usage: Usage): Record<string, number | undefined> {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
  };
}
