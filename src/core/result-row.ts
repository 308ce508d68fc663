import type { Outcome, RowError, Usage } from '@instructor-cli/provider-kit';

interface RowFacts {
  customId: string;
  outcome: Outcome;
  usage?: Usage;
  model?: string;
  finishReason?: string;
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
}

/** What became of one request. */
export type BatchResult<T = unknown> = BatchSuccess<T> | BatchError;

/** The form in which a row is written to a file. */
export function toResultRecord(row: BatchResult): Record<string, unknown> {
  const { customId, outcome, success, usage, model, finishReason } = row;
  return {
    custom_id: customId,
    outcome,
    success,
    ...(row.success ? { result: row.result } : { error: toErrorRecord(row.error), answer: row.answer }),
    usage: usage && toUsageRecord(usage),
    model,
    finish_reason: finishReason,
  };
}

function toErrorRecord({ type, message, code, status, requestId }: RowError): Record<string, unknown> {
  return { type, message, code, status, request_id: requestId };
}

export function toUsageRecord(usage: Usage): Record<string, number | undefined> {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
  };
}
