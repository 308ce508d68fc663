import type { RunContext } from '../run-context.js';
import type { RunState, ShardState } from '../store/run-state.js';
import { budgetFor } from './budget.js';

/** What the sender does next. */
export type NextStep =
  | { do: 'settle'; shard: ShardState }
  | { do: 'send'; shard: ShardState }
  | { do: 'split'; shard: ShardState; why: string }
  | { do: 'give-up'; shard: ShardState; why: string }
  /** Not before some batch has ended, or some time has passed. */
  | { do: 'wait'; why: string; until?: number }
  | { do: 'stop'; code: 'budget' | 'undecided'; message: string }
  /** Everything is sent. */
  | { do: 'nothing' };

/** What is known in this process alone. */
export interface SenderMemory {
  /** By shard: not before then. Milliseconds since 1970. */
  pauses: Map<string, number>;
  /** By shard: how many batches had ended when the queue was full, so that there is room only after one more. */
  fullSince: Map<string, number>;
  /** Batches of the run that ended. */
  ended: number;
  /** The run is about to stop: nothing more is sent. */
  stopping: boolean;
}

/** A queue that is full although nothing of ours is in it may be full of others' batches: the shard is tried so often, then cut. */
const TRIES_ALONE = 2;
/** What was cut so often, or cannot be cut, is hardly too large: it gets more patience, which with growing pauses is about an hour. */
const CUTS = 4;
const TRIES_OF_A_PART = 20;
/** What we count as so small a part of the limit is certainly not more than the whole by the count of the provider. */
const SURELY_FITS = 1 / 8;

const DEFAULT_IN_FLIGHT = 50;

/** Decides from the state alone; nothing is done here. */
export function chooseNext(run: RunContext, memory: SenderMemory, now = Date.now()): NextStep {
  const { state } = run;
  const [undecided] = state.in('undecided');
  if (undecided) return { do: 'stop', code: 'undecided', message: undecidedMessage(undecided) };
  const uncertain = state.in('uncertain').find(({ id }) => (memory.pauses.get(id) ?? 0) <= now);
  if (uncertain) return { do: 'settle', shard: uncertain };
  const waiting = state.cancelled || state.deadlineReached ? [] : state.in('waiting');
  if (memory.stopping) return { do: 'wait', why: 'the end of the run' };
  const step: NextStep = waiting.length === 0 ? { do: 'nothing' } : nextToSend(run, waiting, memory, now);
  return step.do === 'nothing' || step.do === 'wait' ? untilUncertain(step, state, memory) : step;
}

function nextToSend(run: RunContext, waiting: ShardState[], memory: SenderMemory, now: number): NextStep {
  const { state, settings } = run;
  // Whatever may be at the provider takes room there.
  const inFlight = state.in('running', 'uncertain', 'suspected');
  const canaries = waiting.filter(({ canary }) => canary);
  if (canaries.length === 0 && canaryPending(state)) return { do: 'wait', why: 'the canary' };
  const [shard] = canaries.length > 0 ? canaries : waiting;
  if (!shard) return { do: 'nothing' };
  const obstacle = stepAtObstacle(shard, state, inFlight, memory);
  if (obstacle) return obstacle;
  const until = memory.pauses.get(shard.id) ?? 0;
  if (until > now) return { do: 'wait', why: 'a pause', until };
  const { maxInFlight = DEFAULT_IN_FLIGHT, maxTokensInFlight } = settings.limits;
  if (inFlight.length >= maxInFlight) return { do: 'wait', why: `${inFlight.length} batches in flight` };
  const room = stepForRoom(shard, inFlight, {
    tokens: least(state.limitTokens, maxTokensInFlight),
    requests: state.limitRequests,
  });
  if (room) return room;
  const budget = budgetFor(run, shard.mostUsd, inFlight);
  if (budget === 'wait') return { do: 'wait', why: 'what the batches in flight cost' };
  if (budget !== 'enough') return { do: 'stop', code: 'budget', message: budget };
  return { do: 'send', shard };
}

/** Whether the rows after the canary have to wait for what becomes of it. */
export function canaryPending(state: RunState): boolean {
  return state.active.some(({ canary }) => canary) && state.canary?.passed !== true;
}

function stepAtObstacle(
  shard: ShardState,
  state: RunState,
  inFlight: readonly ShardState[],
  memory: SenderMemory,
): NextStep | undefined {
  const { obstacle } = shard;
  if (!obstacle) return undefined;
  const { kind, message, times } = obstacle;
  if (kind === 'batch_too_large') {
    if (shard.requests === 1) return { do: 'give-up', shard, why: message };
    return { do: 'split', shard, why: message };
  }
  if (kind !== 'queue_full') return undefined;
  if (inFlight.length > 0) {
    // A pause as well: others may make room too, and what is ahead may take hours.
    const full = memory.fullSince.get(shard.id);
    return full !== undefined && memory.ended <= full
      ? { do: 'wait', why: 'room in the queue of the provider' }
      : undefined;
  }
  const tooLarge = isAloneTooLarge(shard, state.limitTokens, state.limitRequests);
  const tired = times > (tooLarge ? TRIES_ALONE : triesAlone(shard, state));
  if (shard.requests === 1) return tired ? { do: 'give-up', shard, why: message } : undefined;
  return tooLarge || tired ? { do: 'split', shard, why: message } : undefined;
}

function triesAlone(shard: ShardState, state: RunState): number {
  if (shareOf(shard, state) <= SURELY_FITS) return Infinity;
  return shard.requests === 1 || cutsOf(shard, state) >= CUTS ? TRIES_OF_A_PART : TRIES_ALONE;
}

/** How much of what may wait at the provider it is; Infinity if that is not known. */
function shareOf({ tokens, requests }: ShardState, { limitTokens, limitRequests }: RunState): number {
  if (limitTokens === undefined && limitRequests === undefined) return Infinity;
  const ofTokens = limitTokens === undefined ? 0 : (tokens ?? Infinity) / limitTokens;
  return Math.max(ofTokens, requests / (limitRequests ?? Infinity));
}

function cutsOf(shard: ShardState, state: RunState): number {
  let cuts = 0;
  for (let { partOf } = shard; partOf !== undefined; { partOf } = state.shard(partOf)) cuts += 1;
  return cuts;
}

function isAloneTooLarge(
  shard: ShardState,
  tokens: number | undefined,
  requests: number | undefined,
): boolean {
  return (shard.tokens ?? 0) > (tokens ?? Infinity) || shard.requests > (requests ?? Infinity);
}

/** A limit that is known is not run into once more. */
function stepForRoom(
  shard: ShardState,
  inFlight: readonly ShardState[],
  limits: { tokens?: number; requests?: number },
): NextStep | undefined {
  if (limits.tokens === undefined && limits.requests === undefined) return undefined;
  if (isAloneTooLarge(shard, limits.tokens, limits.requests) && shard.requests > 1)
    return { do: 'split', shard, why: 'it alone is more than may wait at the provider' };
  const tokens = inFlight.reduce((sum, other) => sum + (other.tokens ?? 0), shard.tokens ?? 0);
  const requests = inFlight.reduce((sum, other) => sum + other.requests, shard.requests);
  const tooMuch = tokens > (limits.tokens ?? Infinity) || requests > (limits.requests ?? Infinity);
  if (tooMuch && inFlight.length > 0) return { do: 'wait', why: 'room in the queue of the provider' };
  return undefined;
}

/** Whatever is waited for: a batch of unknown fate is looked for in the list again as soon as that may tell. */
function untilUncertain(
  step: Extract<NextStep, { do: 'nothing' | 'wait' }>,
  state: RunState,
  memory: SenderMemory,
): NextStep {
  const pauses = state.in('uncertain').map(({ id }) => memory.pauses.get(id) ?? 0);
  if (pauses.length === 0) return step;
  const until = step.do === 'wait' ? (step.until ?? Infinity) : Infinity;
  return { do: 'wait', why: 'the list of the provider', until: Math.min(until, ...pauses) };
}

function undecidedMessage({ id, suspects }: ShardState): string {
  return `It cannot be told which batch shard ${id} became: ${suspects.join(', ')} all fit`;
}

function least(...values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
