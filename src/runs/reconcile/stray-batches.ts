import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { claimsOf, type KnownRun } from '../find-runs.js';
import { originOf, type BatchOrigin } from '../send/run-metadata.js';
import { begun, oldest, type ProviderLook } from './look-at-provider.js';
import type { QuestionedShard } from './questioned-shards.js';
import type { RunScope } from './run-scope.js';

/** A batch of a run, which no journal knows. */
export interface OrphanedBatch {
  provider: ProviderDeclaration;
  batch: Batch;
  origin: BatchOrigin;
  /** Absent if it is not known here. */
  run?: KnownRun;
}

/** A batch of which nothing tells whose it is. */
export interface UnknownBatch {
  provider: ProviderDeclaration;
  batch: Batch;
}

/** Batches that are in no journal. */
export function strayBatches(
  { single, runs, known }: RunScope,
  { provider, batches }: ProviderLook,
  questioned: readonly QuestionedShard[],
): { orphans: OrphanedBatch[]; unknown: UnknownBatch[] } {
  const claims = claimsOf(known);
  for (const { candidates } of questioned) for (const { id } of candidates) claims.add(id);
  const since = oldest(begun(runs));
  const orphans: OrphanedBatch[] = [];
  const unknown: UnknownBatch[] = [];
  for (const batch of batches.values()) {
    if (claims.has(batch.id)) continue;
    const origin = originOf(batch.metadata);
    if (origin === undefined) {
      const isOlder = batch.times.created !== undefined && batch.times.created.getTime() < since;
      // Without a run there is nothing that it could be of.
      if (runs.length > 0 && !isOlder) unknown.push({ provider, batch });
      continue;
    }
    const run = runOf(known, origin);
    // What a run beside this one has lost is told when that one is looked at.
    if (!single || run === undefined || runs.includes(run)) orphans.push({ provider, batch, origin, run });
  }
  return { orphans, unknown };
}

function runOf(known: readonly KnownRun[], { run, name }: BatchOrigin): KnownRun | undefined {
  return known.find(({ settings }) => (run === undefined ? settings.name === name : settings.id === run));
}
