import type { Batch } from '@instructor-cli/provider-kit';
import { toUsageRecord } from '../core/result-row.js';
import type { ProviderEntry } from '../registry/provider-registry.js';
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
    cost: {
      usd: summary.unpriced.size === 0 ? summary.costUsd : null,
      known_usd: summary.costUsd,
      unpriced: Object.fromEntries(summary.unpriced),
      prices_from: summary.prices?.date ?? null,
    },
    unreadable_lines: summary.unreadableLines,
    duplicates: summary.duplicates,
    unexpected: summary.unexpected,
    repeated_requests: summary.repeatedRequests,
    unaccounted: summary.unaccounted,
    not_asked: summary.notAsked,
    asked_again: summary.askedAgain,
  };
}

/** A provider as its plugin declares it, and the plugin. */
export function providerToJson({ declaration, plugin }: ProviderEntry): Record<string, unknown> {
  const { name, version, origin } = plugin;
  return { ...(toSnakeCase(declaration) as object), plugin: { name, version, origin } };
}

/** Declarations are written in camel case; everything in the JSON output is in snake case. */
function toSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      toSnakeCase(item),
    ]),
  );
}

function isoOrNull(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
