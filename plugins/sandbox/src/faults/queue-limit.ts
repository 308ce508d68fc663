import type { Fault } from './fault.js';
import type { FaultList, Occasion } from './fault-list.js';

/** How much waits or runs already, and how much would come on top. */
export interface QueueLoad {
  tokens?: { queued: number; more: number };
  requests: { queued: number; more: number };
}

/** The limit that a new batch would pass, if it strikes. A fault without a limit takes every batch for too much. */
export function strikeQueue(
  faults: FaultList,
  occasion: Occasion,
  load: () => QueueLoad,
  as: 'failed' | 'refused',
): Fault | undefined {
  if (!faults.all.some(({ fault }) => fault.fault === 'queue-full')) return undefined;
  const { tokens, requests } = load();
  const [struck] = faults.strike(['queue-full'], occasion, (fault) => {
    if (occasion.protocol === 'openai' && (fault.as ?? 'failed') !== as) return false;
    if (fault.tokens === undefined && fault.requests === undefined) return true;
    return isOver(tokens, fault.tokens) || isOver(requests, fault.requests);
  });
  return struck;
}

function isOver(load: { queued: number; more: number } | undefined, limit: number | undefined): boolean {
  return load !== undefined && limit !== undefined && load.queued + load.more > limit;
}
