import type { Batch } from '@instructor-cli/provider-kit';
import type { KnownRun } from '../find-runs.js';
import type { Adopted } from './adopt-batch.js';
import type { Reconciled } from './reconcile-runs.js';

/** The findings in the form in which they are given to programs. `removed`: files that a cleanup removed, if there was one. */
export function reconciledToJson(
  { scope, ...found }: Reconciled,
  removed?: ReadonlySet<string>,
): Record<string, unknown> {
  return {
    runs: scope.runs.map((run) => runRef(run)),
    broken_runs: scope.broken.map(({ folder, reason }) => ({ directory: folder, reason })),
    problems: found.problems.map(({ provider, message }) => ({ provider, message })),
    shards: found.questioned.map(({ provider, run, shard, candidates }) => ({
      provider: provider.id,
      ...runRef(run),
      shard: shard.id,
      phase: shard.phase,
      requests: shard.requests,
      sent_at: shard.submittingAt ?? null,
      held_by: run.holder?.pid ?? null,
      candidates: candidates.map(({ id, by, batch }) => ({ ...batchRef(id, batch), matched_by: by })),
    })),
    orphaned_batches: found.orphans.map(({ provider, batch, origin, run }) => ({
      provider: provider.id,
      ...batchRef(batch.id, batch),
      run: run?.settings.name ?? origin.name ?? null,
      run_id: run?.settings.id ?? origin.run ?? null,
      directory: run?.folder ?? null,
      shard: origin.shard ?? null,
    })),
    unknown_batches: found.unknown.map(({ provider, batch }) => ({
      provider: provider.id,
      ...batchRef(batch.id, batch),
    })),
    unfetched_results: found.unfetched.map(({ provider, run, shard, id, batch }) => ({
      provider: provider.id,
      ...runRef(run),
      shard: shard.id,
      ...batchRef(id, batch),
      answers_expire_at: batch?.times.archived?.toISOString() ?? null,
    })),
    leftover_files: found.leftovers.map(({ provider, file, runId, run, shard, batches }) => ({
      provider: provider.id,
      file: file.id,
      name: file.name ?? null,
      bytes: file.bytes ?? null,
      created_at: file.created?.toISOString() ?? null,
      run: run?.settings.name ?? null,
      run_id: runId,
      directory: run?.folder ?? null,
      shard,
      batches: batches.map(({ id }) => id),
      removed: removed === undefined ? null : removed.has(file.id),
    })),
  };
}

export function adoptedToJson({ run, shard, batch }: Adopted): Record<string, unknown> {
  return { ...runRef(run), shard, batch: batch ?? null };
}

function runRef({ folder, settings }: KnownRun): Record<string, unknown> {
  return { run: settings.name, run_id: settings.id, directory: folder };
}

/** A status of null: the provider knows no such batch. */
function batchRef(id: string, batch: Batch | undefined): Record<string, unknown> {
  return {
    batch: id,
    status: batch?.status ?? null,
    batch_requests: batch?.requests.total ?? null,
    created_at: batch?.times.created?.toISOString() ?? null,
  };
}
