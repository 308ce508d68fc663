import { readRequests } from '../plan/read-requests.js';
import { RequestPrice } from '../plan/request-price.js';
import { ShardWriter } from '../plan/shard-writer.js';
import { batchLimits, record, requestTarget, type RunContext } from '../run-context.js';
import type { ShardState } from '../store/run-state.js';

/** Cuts a shard in two. */
export async function halveShard(run: RunContext, shard: ShardState, why: string): Promise<void> {
  const requests = Math.ceil(shard.requests / 2);
  await replaceShard(run, shard, { limit: { requests }, why, keep: () => true });
}

/** Leaves out the requests that the provider refuses by name. */
export async function leaveOutRefused(run: RunContext, shard: ShardState, why: string): Promise<void> {
  const { refusedRows } = run.state;
  await replaceShard(run, shard, { limit: {}, why, keep: (id) => !refusedRows.has(id) });
}

async function replaceShard(
  run: RunContext,
  shard: ShardState,
  { limit, why, keep }: { limit: { requests?: number }; why: string; keep: (customId: string) => boolean },
): Promise<void> {
  const target = await requestTarget(run);
  const writer = new ShardWriter({
    ...target,
    folder: run.paths.folder,
    limits: { ...batchLimits(run), ...limit },
    byModel: false,
    price: new RequestPrice({ ...target, prices: run.prices, exact: true }),
    firstNumber: nextNumber(run),
    round: shard.round,
    partOf: shard.id,
    canary: shard.canary ? shard.requests : 0,
    firstList: shard.list,
  });
  try {
    for await (const block of readRequests(run, [shard])) {
      for (const { text, customId } of block) {
        if (!keep(customId)) continue;
        const full = writer.add(`${text}\n`, JSON.parse(text));
        if (full instanceof Promise) await full;
      }
    }
    const { shards } = await writer.finish();
    await record(run, { event: 'split', shard: shard.id, into: shards, why });
  } finally {
    await writer.discard();
  }
}

/** Shards are numbered through, whatever they are made for. */
export function nextNumber(run: RunContext): number {
  return run.state.shards.size + 1;
}
