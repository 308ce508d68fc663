import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, isProviderError, type Batch, type ProviderError } from '@instructor-cli/provider-kit';
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
  const settled = await Promise.allSettled(options.targets.map((target) => waitForOne(target, options)));
  options.signal?.throwIfAborted();
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function waitForOne(target: WaitTarget, options: WaitOptions): Promise<Batch> {
  const { pollSeconds, onUpdate, signal } = options;
  const provider = await target.session.remote();
  let pause = FIRST_PAUSE_SECONDS;
  for (;;) {
    let hint: number | undefined;
    try {
      const batch = await provider.retrieve(target.id, { signal });
      onUpdate({ target, batch });
      if (hasEnded(batch.status)) return batch;
      hint = batch.pollAfterSeconds;
    } catch (error) {
      if (!isProviderError(error)) throw error;
      const lasting = !PASSING.has(error.code);
      onUpdate({ target, problem: error, lasting });
      if (lasting) throw error;
      hint = error.retryAfterSeconds;
    }
    const seconds = pollSeconds ?? Math.max(pause, hint ?? 0);
    pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 1.5);
    await sleep(Math.min(seconds, LONGEST_SLEEP_SECONDS) * 1000, undefined, { signal });
  }
}
