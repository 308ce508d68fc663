import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, isProviderError, type Batch, type ProviderError } from '@instructor-cli/provider-kit';
import { BatchWatcher, type Look } from './look-at-batches.js';
import type { ProviderSession } from './session.js';

export interface WaitTarget {
  session: ProviderSession;
  id: string;
}

export interface WaitUpdate {
  target: WaitTarget;
  /** The batch as it is now. */
  batch?: Batch;
  /** A failure; unless it lasts, the next look comes all the same. */
  problem?: ProviderError;
  /** There will be no next look. */
  lasting?: boolean;
}

export interface WaitOptions {
  targets: readonly WaitTarget[];
  /** A fixed pause between two looks. Without: it grows, and the provider's wish counts. */
  pollSeconds?: number;
  onUpdate: (update: WaitUpdate) => void;
  signal?: AbortSignal;
}

const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 60;
/** A timer of Node cannot hold more than 24 days, and then fires at once. */
const LONGEST_SLEEP_SECONDS = 86_400;
const PASSING = new Set(['network', 'unavailable', 'rate_limited']);

/**
 * Looks at batches until all have ended, and gives them in the order of the targets. One that cannot be waited for, such
 * as an id that does not exist, keeps the others from nothing: its error is thrown when they have ended.
 */
export async function waitForBatches(options: WaitOptions): Promise<Batch[]> {
  const results = new Map<WaitTarget, Settled>();
  await Promise.all(byProvider(options.targets).map((targets) => waitForSome(targets, options, results)));
  options.signal?.throwIfAborted();
  return options.targets.map((target) => {
    const result = results.get(target);
    if (!result || 'error' in result) throw result?.error;
    return result.batch;
  });
}

type Settled = { batch: Batch } | { error: unknown };

function byProvider(targets: readonly WaitTarget[]): WaitTarget[][] {
  const groups = new Map<string, WaitTarget[]>();
  for (const target of targets) {
    const { id } = target.session.declaration;
    groups.set(id, [...(groups.get(id) ?? []), target]);
  }
  return [...groups.values()];
}

/** Waits for batches of one provider, all of them in the same rhythm. */
async function waitForSome(
  targets: readonly WaitTarget[],
  { pollSeconds, onUpdate, signal }: WaitOptions,
  results: Map<WaitTarget, Settled>,
): Promise<void> {
  const session = targets[0]?.session;
  if (!session) return;
  let pending = [...targets];
  const fail = (error: unknown): void => pending.forEach((target) => results.set(target, { error }));
  try {
    const watcher = new BatchWatcher(await session.remote(), session.declaration.capabilities.list.supported);
    for (let pause = FIRST_PAUSE_SECONDS; ; pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 1.5)) {
      const ids = [...new Set(pending.map(({ id }) => id))];
      const looks = await watcher.look(ids, signal);
      signal?.throwIfAborted();
      let hint = 0;
      pending = pending.filter((target) => {
        const look = looks.get(target.id) ?? { error: new Error(`There was no look at ${target.id}`) };
        const { settled, hint: wanted } = judge(target, look, onUpdate);
        hint = Math.max(hint, wanted ?? 0);
        if (settled) results.set(target, settled);
        return !settled;
      });
      if (pending.length === 0) return;
      const seconds = pollSeconds ?? Math.max(pause, hint);
      await sleep(Math.min(seconds, LONGEST_SLEEP_SECONDS) * 1000, undefined, { signal });
    }
  } catch (error) {
    fail(error);
  }
}

/** What a look means: the end of the waiting, or another look, perhaps not before the provider wants it. */
function judge(
  target: WaitTarget,
  look: Look,
  onUpdate: WaitOptions['onUpdate'],
): { settled?: Settled; hint?: number } {
  if ('batch' in look) {
    const { batch } = look;
    onUpdate({ target, batch });
    return hasEnded(batch.status) ? { settled: { batch } } : { hint: batch.pollAfterSeconds };
  }
  const { error } = look;
  if (!isProviderError(error)) return { settled: { error } };
  const lasting = !PASSING.has(error.code);
  onUpdate({ target, problem: error, lasting });
  return lasting ? { settled: { error } } : { hint: error.retryAfterSeconds };
}
