import type { Batch } from '@instructor-cli/provider-kit';
import { record, type RunContext } from '../run-context.js';
import type { ShardState } from '../store/run-state.js';
import { carriesNonce, NONCE_KEY } from './run-metadata.js';

/** The clocks of two machines differ by no more than this. */
export const CLOCKS_DIFFER_MS = 10 * 60_000;

/** Batches that are known to belong to something else: other runs, other shards, earlier attempts. */
export type Claims = ReadonlySet<string>;

/**
 * Finds out whether there is a batch of a shard whose sending was not answered, by the list of the provider's batches.
 * That there is none counts only when a new batch must have appeared in the list. Gives how long to wait until then.
 */
export async function settleShard(
  run: RunContext,
  shard: ShardState,
  claims: Claims,
): Promise<{ waitMs: number }> {
  const { session, pace, signal } = run;
  const { nonce = '', id } = shard;
  const since = Date.parse(shard.submittingAt ?? '') - CLOCKS_DIFFER_MS;
  const lookedAt = Date.now();
  const provider = await session.remote();
  const suspects: Batch[] = [];
  for await (const batch of provider.list({ signal })) {
    const { created } = batch.times;
    // The newest come first.
    if (created && created.getTime() < since) break;
    // A batch of this shard that failed before has its input file too; the one that is looked for may not be listed yet.
    if (claims.has(batch.id)) continue;
    if (batch.metadata?.[NONCE_KEY] === nonce) return await found(run, shard, batch, 'metadata');
    const { uploaded } = shard;
    if (uploaded && batch.files.some((file) => file.kind === 'input' && file.id === uploaded.id))
      return await found(run, shard, batch, 'input file');
    if (isSuspect(batch, shard)) suspects.push(batch);
  }
  // Until then the batch may be missing from the list, although others that look like it are there.
  const settledAt = Date.parse(shard.unsureSince ?? '') + pace.settleMs;
  if (lookedAt < settledAt) return { waitMs: settledAt - lookedAt };
  // What would have been recognised by its metadata needs no guess.
  if (!carriesNonce(session.declaration) && suspects.length > 0) {
    await record(run, { event: 'suspected', shard: id, nonce, batches: suspects.map((batch) => batch.id) });
    return { waitMs: 0 };
  }
  await record(run, { event: 'absent', shard: id, nonce });
  return { waitMs: 0 };
}

async function found(
  run: RunContext,
  shard: ShardState,
  batch: Batch,
  by: 'metadata' | 'input file',
): Promise<{ waitMs: number }> {
  const { nonce = '', id } = shard;
  await record(run, { event: 'found', shard: id, nonce, batch: batch.id, by });
  run.listener.onLook?.(id, batch);
  return { waitMs: 0 };
}

/** As large, or still of unknown size, and not known to have answers to other requests. */
export function isSuspect(batch: Batch, { requests, disproved }: ShardState): boolean {
  const { total } = batch.requests;
  if (disproved.includes(batch.id)) return false;
  return total === undefined || total === requests;
}

/** Batches that this run had before, of whichever shard. */
export function ownClaims(run: RunContext, others: Iterable<string> = []): Set<string> {
  return new Set([...others, ...run.state.batches.keys()]);
}
