import type { Batch } from '@instructor-cli/provider-kit';
import type { ShardState } from '../store/run-state.js';
import type { PastBatch } from './history.js';

/** How long a run still takes. */
export interface TimeLeft {
  seconds: number;
  /** Half of the time it is between these. */
  from: number;
  to: number;
  /** What it is judged by: rows that this run saw being done, its own batches that have ended, or earlier runs. */
  by: 'progress' | 'this run' | 'earlier runs';
  /** How many batches that rests on. */
  batches: number;
}

export interface TimeLeftFacts {
  shards: readonly ShardState[];
  /** The latest look at each shard. */
  looks: ReadonlyMap<string, Batch>;
  history: readonly PastBatch[];
  /** How many batches may be in flight at the same time. */
  atOnce: number;
  now: number;
}

/** Undefined as long as there is nothing to judge by. */
export function timeLeft(facts: TimeLeftFacts): TimeLeft | undefined {
  const { shards, atOnce } = facts;
  const running = shards.filter(({ phase }) => ['running', 'suspected', 'uncertain'].includes(phase));
  const waiting = shards.filter(({ phase }) => phase === 'waiting');
  if (running.length + waiting.length === 0) return undefined;
  const typical = typicalBatch(facts);
  const current = inFlight(facts, running, typical);
  if (!current) return undefined;
  // What waits is sent when there is room, a wave after the other.
  const waves = Math.ceil(
    Math.max(0, waiting.length - Math.max(0, atOnce - running.length)) / Math.max(1, atOnce),
  );
  const first = running.length < atOnce && waiting.length > 0 ? 1 : 0;
  const more = waves + first;
  if (more > 0 && !typical) return undefined;
  const add = (left: number, each: number | undefined): number => left + more * (each ?? 0);
  return {
    ...current,
    seconds: Math.max(current.seconds, 0) + more * (typical?.seconds ?? 0),
    from: add(current.from, typical?.from),
    to: add(current.to, typical?.to),
  };
}

interface Typical {
  seconds: number;
  from: number;
  to: number;
  by: 'this run' | 'earlier runs';
  batches: number;
}

function typicalBatch({ shards, history }: TimeLeftFacts): Typical | undefined {
  const own = shards.flatMap(({ ended }) => {
    const seconds = (Date.parse(ended?.ended ?? '') - Date.parse(ended?.created ?? '')) / 1000;
    return ended?.status === 'completed' && seconds >= 0 ? [seconds] : [];
  });
  if (own.length > 0) return { ...quartiles(own), by: 'this run', batches: own.length };
  const earlier = history.map(({ seconds }) => seconds);
  return earlier.length > 0
    ? { ...quartiles(earlier), by: 'earlier runs', batches: earlier.length }
    : undefined;
}

/** The batch that takes longest decides. */
function inFlight(
  { looks, now }: TimeLeftFacts,
  running: readonly ShardState[],
  typical: Typical | undefined,
): TimeLeft | undefined {
  if (running.length === 0) return typical && { ...typical, seconds: 0, from: 0, to: 0 };
  const estimates: TimeLeft[] = [];
  for (const shard of running) {
    const look = looks.get(shard.id);
    const estimate = (look && byProgress(look, now)) ?? byTypical(shard, look, typical, now);
    if (!estimate) return undefined;
    estimates.push(estimate);
  }
  const longest = (key: 'seconds' | 'from' | 'to'): number => Math.max(...estimates.map((one) => one[key]));
  const [first] = estimates.sort((left, right) => right.seconds - left.seconds);
  return first && { ...first, seconds: longest('seconds'), from: longest('from'), to: longest('to') };
}

/** So much has to be done before its pace means anything. */
const TELLING_SHARE = 0.02;

function byProgress({ requests, times }: Batch, now: number): TimeLeft | undefined {
  const { total, succeeded = 0, failed = 0 } = requests;
  const done = succeeded + failed;
  const began = (times.started ?? times.created)?.getTime();
  if (!total || began === undefined || done / total < TELLING_SHARE) return undefined;
  const seconds = (((now - began) / 1000) * (total - done)) / done;
  return { seconds, from: seconds * 0.8, to: seconds * 1.5, by: 'progress', batches: 1 };
}

function byTypical(
  shard: ShardState,
  look: Batch | undefined,
  typical: Typical | undefined,
  now: number,
): TimeLeft | undefined {
  if (!typical) return undefined;
  const began = look?.times.created?.getTime() ?? Date.parse(shard.submittingAt ?? '');
  const gone = Math.max(0, (now - began) / 1000);
  const left = (seconds: number): number => Math.max(0, seconds - gone);
  return { ...typical, seconds: left(typical.seconds), from: left(typical.from), to: left(typical.to) };
}

function quartiles(values: readonly number[]): { seconds: number; from: number; to: number } {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { seconds: at(0.5), from: at(0.25), to: at(0.75) };
}
