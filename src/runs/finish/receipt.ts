import type { PriceList } from '@instructor-cli/provider-kit';
import { costOf } from '../../core/cost.js';
import { toUsageRecord, type BatchResult } from '../../core/result-row.js';
import { DIRECT } from '../collect/local-answers.js';
import type { AskedRequest, LaterRequests } from './asked-requests.js';

/** What is on record for a row: enough to show later that nothing is missing, doubled or changed. */
export interface Receipt {
  /** As the user calls the row. */
  id: string;
  /** As it travelled. */
  custom_id: string;
  outcome: string;
  /** Of the answer that counts; null if there is none. */
  batch_id: string | null;
  attempts: number;
  /** Of all attempts. */
  usage: Record<string, number | undefined>;
  /** US dollars for all attempts; null if a price is unknown. */
  usd: number | null;
  /** SHA-256 of the columns that the request was made of, of the request, of the result line, and of the row in results.jsonl. */
  input_sha256: string;
  request_sha256: string;
  answer_sha256: string | null;
  result_sha256: string;
}

export interface ReceiptFacts {
  row: BatchResult;
  asked: AskedRequest;
  resultSha256: string;
  later: LaterRequests;
  prices: PriceList | undefined;
  model: string;
  /** The batch of all answers, where there is only one. */
  onlyBatch: string | undefined;
}

export function toReceipt(facts: ReceiptFacts): Receipt {
  const { row, asked, resultSha256, later, onlyBatch } = facts;
  const { customId } = asked;
  const batch = row.answerSha256 === undefined ? undefined : (row.batchId ?? onlyBatch);
  const { usage, usd } = sumOf(facts);
  return {
    id: row.customId,
    custom_id: customId,
    outcome: row.outcome,
    batch_id: batch ?? null,
    attempts: row.attempts ?? (batch === undefined ? 0 : 1),
    usage,
    usd,
    input_sha256: asked.inputSha256,
    request_sha256: (batch === undefined ? undefined : later.of(batch, customId)) ?? asked.requestSha256,
    answer_sha256: row.answerSha256 ?? null,
    result_sha256: resultSha256,
  };
}

function sumOf({ row, prices, model, onlyBatch }: ReceiptFacts): Pick<Receipt, 'usage' | 'usd'> {
  let usd: number | null = 0;
  const sum = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  const attempts = [{ row, batchId: row.batchId ?? onlyBatch }, ...(row.otherAttempts ?? [])];
  for (const attempt of attempts) {
    const { usage, model: answered = model } = attempt.row;
    if (!usage) continue;
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += usage[key] ?? 0;
    const cost = prices && costOf(prices, answered, usage, { batch: attempt.batchId !== DIRECT });
    usd = cost === undefined || usd === null ? null : usd + cost;
  }
  return { usage: toUsageRecord(sum), usd };
}
