import type { Batch, BatchFile, BatchProblem, BatchStatus, Usage } from '../contract/batch.js';
import { ProviderError } from '../contract/errors.js';
import { obstacleOf } from '../wire/obstacle.js';
import { asDate, asNumber, asRecord, asText, asTextMap } from '../wire/read.js';

/** Every spelling that services of this family are known to use, in lower case. */
const STATUSES = new Map<string, BatchStatus>(
  Object.entries<BatchStatus>({
    validating: 'pending',
    pending: 'pending',
    queued: 'pending',
    in_queue: 'pending',
    in_progress: 'processing',
    progress: 'processing',
    processing: 'processing',
    running: 'processing',
    finalizing: 'processing',
    cancelling: 'cancelling',
    canceling: 'cancelling',
    completed: 'completed',
    failed: 'failed',
    cancelled: 'cancelled',
    canceled: 'cancelled',
    expired: 'expired',
  }),
);

/**
 * Reads a batch object of OpenAI's shape. Nothing but an id is required of it: compatible services leave out
 * fields, write times as text, statuses in capitals and counts as null.
 */
export function readOpenAIBatch(raw: unknown, provider: string): Batch {
  const batch = asRecord(raw);
  const id = asText(batch?.['id']) ?? asText(batch?.['batch_id']);
  if (!batch || !id) {
    throw new ProviderError('unavailable', `${provider} sent something that is not a batch`, {
      hint: 'Check that the base URL points at its API',
    });
  }
  const rawStatus = asText(batch['status']) ?? 'unknown';
  const status = STATUSES.get(rawStatus.toLowerCase());
  const counts = asRecord(batch['request_counts']) ?? {};
  const total = asNumber(counts['total']);
  const succeeded = asNumber(counts['completed']);
  const failed = asNumber(counts['failed']);
  // While the file is being validated all counts are 0, the total too: that says nothing yet.
  const counted = status !== 'pending' || (total ?? 0) > 0;
  return {
    id,
    status: status ?? 'processing',
    rawStatus,
    unknownStatus: status === undefined,
    endpoint: asText(batch['endpoint']),
    model: asText(batch['model']),
    completionWindow: asText(batch['completion_window']),
    times: {
      created: asDate(batch['created_at']),
      started: asDate(batch['in_progress_at']),
      finalizing: asDate(batch['finalizing_at']),
      cancelling: asDate(batch['cancelling_at']),
      ended: firstDate(batch, ['completed_at', 'failed_at', 'expired_at', 'cancelled_at']),
      expires: asDate(batch['expires_at']),
    },
    counts: counted ? { completed: succeeded, failed, total } : {},
    requests: counted ? { total, succeeded, failed, processing: remaining(total, succeeded, failed) } : {},
    usage: readUsage(asRecord(batch['usage'])),
    metadata: asTextMap(batch['metadata']),
    problems: readProblems(batch['errors']),
    files: readFiles(batch),
    raw,
  };
}

function remaining(total: number | undefined, succeeded = 0, failed = 0): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - succeeded - failed);
}

function firstDate(batch: Record<string, unknown>, keys: string[]): Date | undefined {
  for (const key of keys) {
    const date = asDate(batch[key]);
    if (date) return date;
  }
  return undefined;
}

/** The usage of a batch is sent as zeros until it has completed; zero input tokens mean "not known yet". */
function readUsage(usage: Record<string, unknown> | undefined): Usage | undefined {
  const inputTokens = asNumber(usage?.['input_tokens']);
  if (!usage || !inputTokens) return undefined;
  return {
    inputTokens,
    cachedInputTokens: asNumber(asRecord(usage['input_tokens_details'])?.['cached_tokens']),
    outputTokens: asNumber(usage['output_tokens']),
    reasoningTokens: asNumber(asRecord(usage['output_tokens_details'])?.['reasoning_tokens']),
  };
}

function readProblems(errors: unknown): BatchProblem[] {
  const list = Array.isArray(errors) ? (errors as unknown[]) : asRecord(errors)?.['data'];
  if (typeof errors === 'string' && errors !== '') return [reason(errors)];
  const single = asText(asRecord(errors)?.['message']);
  if (!Array.isArray(list))
    return single === undefined ? [] : [reason(single, asText(asRecord(errors)?.['code']))];
  return list.map((item: unknown) => {
    const problem = asRecord(item);
    const message = asText(problem?.['message']) ?? (typeof item === 'string' ? item : 'no reason given');
    return {
      ...reason(message, asText(problem?.['code'])),
      line: asNumber(problem?.['line']),
      param: asText(problem?.['param']),
    };
  });
}

function reason(message: string, code?: string): BatchProblem {
  return { ...(code === undefined ? {} : { code }), message, ...obstacleOf({ code, message }) };
}

function readFiles(batch: Record<string, unknown>): BatchFile[] {
  const files: BatchFile[] = [];
  for (const [kind, key] of [
    ['input', 'input_file_id'],
    ['output', 'output_file_id'],
    ['errors', 'error_file_id'],
  ] as const) {
    const id = asText(batch[key]);
    if (id) files.push({ kind, id });
  }
  return files;
}
