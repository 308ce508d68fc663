import { record, type RunContext } from '../run-context.js';
import { isCredentials, isPassing } from '../passing-error.js';
import { chooseNext, type NextStep, type SenderMemory } from '../send/choose-next.js';
import { ownClaims, settleShard } from '../send/settle-shard.js';
import { halveShard } from '../send/split-shard.js';
import { submitShard } from '../send/submit-shard.js';
import type { ShardState } from '../store/run-state.js';
import type { Alarm } from './alarm.js';
import { Pauses } from './pauses.js';
import type { RunEnd } from './run-end.js';

export interface SenderOptions {
  memory: SenderMemory;
  alarm: Alarm;
  /** Batches of other runs, which are none of ours. */
  claims: ReadonlySet<string>;
  /** Leave as soon as nothing can be sent at once. */
  detach: boolean;
  /** Everything that was sent has ended and is here. */
  isSettled: () => boolean;
  /** The other half of the work has come to an end for both. */
  hasEnded: () => boolean;
}

/** Each grows by itself. `lost`: after answers that were lost and had made no batch. */
interface SenderPauses {
  passing: Pauses;
  lost: Pauses;
}

/** Sends shards one after the other, as long as there are any; a batch of unknown fate first. */
export async function sendShards(run: RunContext, options: SenderOptions): Promise<RunEnd | undefined> {
  const { memory, alarm, detach, isSettled, hasEnded } = options;
  const pauses: SenderPauses = { passing: new Pauses(run.pace), lost: new Pauses(run.pace) };
  for (;;) {
    if (hasEnded()) return undefined;
    run.signal.throwIfAborted();
    const step = chooseNext(run, memory);
    if (step.do === 'stop') return { kind: 'stopped', code: step.code, message: step.message };
    if (step.do === 'nothing') {
      if (detach) return { kind: 'detached', waiting: 0 };
      if (isSettled()) return undefined;
      await alarm.sleep();
      continue;
    }
    if (step.do === 'wait') {
      // A list that is not up to date yet is waited for: it is a matter of seconds.
      if (detach && !memory.stopping && step.why !== 'the list of the provider')
        return { kind: 'detached', waiting: run.state.in('waiting').length, why: step.why };
      await alarm.sleep(step.until === undefined ? undefined : step.until - Date.now());
      continue;
    }
    const end = await take(run, step, options, pauses);
    if (end) return end;
    alarm.ring();
  }
}

async function take(
  run: RunContext,
  step: Extract<NextStep, { shard: ShardState }>,
  options: SenderOptions,
  pauses: SenderPauses,
): Promise<RunEnd | undefined> {
  const { shard } = step;
  switch (step.do) {
    case 'split':
      await halveShard(run, shard, step.why);
      return undefined;
    case 'give-up':
      await record(run, { event: 'given-up', shard: shard.id, why: step.why });
      return undefined;
    case 'settle':
      return await settle(run, shard, options, pauses);
    case 'send':
      return await send(run, shard, options, pauses);
  }
}

async function settle(
  run: RunContext,
  shard: ShardState,
  { claims, memory }: SenderOptions,
  pauses: SenderPauses,
): Promise<RunEnd | undefined> {
  try {
    const { waitMs } = await settleShard(run, shard, ownClaims(run, claims));
    if (waitMs > 0) memory.pauses.set(shard.id, Date.now() + waitMs);
    // A service that fails for hours is not sent the same megabytes over and over.
    if (run.state.shard(shard.id).phase === 'waiting')
      memory.pauses.set(shard.id, Date.now() + pauses.lost.next());
    pauses.passing.reset();
    return undefined;
  } catch (error) {
    if (run.signal.aborted) throw error;
    if (isCredentials(error))
      return { kind: 'stopped', code: 'credentials', message: error.message, cause: error };
    if (!isPassing(error)) throw error;
    const pause = pauses.passing.next(error.retryAfterSeconds);
    memory.pauses.set(shard.id, Date.now() + pause);
    run.listener.onTrouble?.(
      `${error.message}; looking for the batch of ${shard.id} again in ${inWords(pause)}`,
    );
    return undefined;
  }
}

async function send(
  run: RunContext,
  shard: ShardState,
  { memory }: SenderOptions,
  pauses: SenderPauses,
): Promise<RunEnd | undefined> {
  const sent = await submitShard(run, shard);
  if (sent.then === 'stop')
    return { kind: 'stopped', code: sent.code, message: sent.message, cause: sent.error };
  const now = run.state.shard(shard.id);
  if (sent.then === 'pause') {
    const pause = pauses.passing.next(sent.seconds);
    memory.pauses.set(shard.id, Date.now() + pause);
    run.listener.onTrouble?.(`${sent.message}; sending ${shard.id} again in ${inWords(pause)}`);
  } else if (now.phase === 'waiting' && now.obstacle?.kind === 'queue_full') {
    const pause = pauses.passing.next();
    memory.fullSince.set(shard.id, memory.ended);
    memory.pauses.set(shard.id, Date.now() + pause);
  } else pauses.passing.reset();
  if (now.phase === 'running') pauses.lost.reset();
  return undefined;
}

function inWords(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
