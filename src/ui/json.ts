import type { Batch } from '@instructor-cli/provider-kit';
import { toUsageRecord } from '../core/result-row.js';
import type { ResultSummary } from '../core/result-summary.js';

/** A batch in the form in which every command with `--json` shows it. Absent facts are null. */
export function batchToJson(provider: string, batch: Batch): Record<string, unknown> {
  const { times, usage } = batch;
  return {
    id: batch.id,
    provider,
    status: batch.status,
    raw_status: batch.rawStatus,
    endpoint: batch.endpoint ?? null,
    model: batch.model ?? null,
    completion_window: batch.completionWindow ?? null,
    created_at: isoOrNull(times.created),
    started_at: isoOrNull(times.started),
    finalizing_at: isoOrNull(times.finalizing),
    cancelling_at: isoOrNull(times.cancelling),
    ended_at: isoOrNull(times.ended),
    expires_at: isoOrNull(times.expires),
    archived_at: isoOrNull(times.archived),
    counts: Object.fromEntries(Object.entries(batch.counts).map(([name, count]) => [name, count ?? null])),
    requests: {
      total: batch.requests.total ?? null,
      succeeded: batch.requests.succeeded ?? null,
      failed: batch.requests.failed ?? null,
      processing: batch.requests.processing ?? null,
    },
    usage: usage
      ? Object.fromEntries(Object.entries(toUsageRecord(usage)).map(([name, count]) => [name, count ?? null]))
      : null,
    metadata: batch.metadata ?? {},
    problems: batch.problems.map(({ code, message, line, param }) => ({
      code: code ?? null,
      message,
      line: line ?? null,
      param: param ?? null,
    })),
    files: batch.files.map(({ kind, id }) => ({ kind, id })),
  };
}

export function summaryToJson(summary: ResultSummary): Record<string, unknown> {
  return {
    rows: summary.total,
    outcomes: Object.fromEntries(summary.counts),
    reasons: summary.reasons.map(({ outcome, type, message, count, example }) => ({
      outcome,
      type,
      message,
      count,
      example,
    })),
    usage: toUsageRecord(summary.usage),
    unreadable_lines: summary.unreadableLines,
    duplicates: summary.duplicates,
    unexpected: summary.unexpected,
    unaccounted: summary.unaccounted,
  };
}

function isoOrNull(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
