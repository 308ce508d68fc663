import { hasEnded, isProviderError, type Batch } from '@instructor-cli/provider-kit';
import { BatchWatcher, type Look } from '../../core/look-at-batches.js';
import { collectShard } from '../collect/collect-shard.js';
import { toEndedBatch } from '../collect/ended-batch.js';
import { judgeCanary } from '../collect/judge-canary.js';
import { judgeEnded } from '../collect/judge-ended.js';
import { isCredentials, isGone, isPassing } from '../passing-error.js';
import { record, type RunContext } from '../run-context.js';
import { canaryPending, type SenderMemory } from '../send/choose-next.js';
import { identifyBatch } from '../send/identify-batch.js';
import type { ShardState } from '../store/run-state.js';
import type { Alarm } from './alarm.js';
import { Pauses } from './pauses.js';
import type { RunEnd } from './run-end.js';

export interface WatcherOptions {
  memory: SenderMemory;
  alarm: Alarm;
  isSettled: () => boolean;
  hasEnded: () => boolean;
}

const FIRST_POLL_MS = 1000;
const LONGEST_POLL_MS = 60_000;

/** Looks at the batches of a run until all have ended, and brings their answers home. */
export class RunWatcher {
  private readonly pauses: Pauses;
  private pollMs = FIRST_POLL_MS;
  private hintMs = 0;
  /** By batch: since when it cannot be found. Milliseconds since 1970. */
  private readonly goneSince = new Map<string, number>();
  /** By batch: the state that it was said not to be known for. */
  private readonly strangeStates = new Map<string, string>();

  constructor(
    private readonly run: RunContext,
    private readonly options: WatcherOptions,
  ) {
    this.pauses = new Pauses(run.pace);
  }

  async watch(): Promise<RunEnd | undefined> {
    const { run, options } = this;
    const { list } = run.session.declaration.capabilities;
    const watcher = new BatchWatcher(await run.session.remote(), list.supported);
    for (;;) {
      if (options.hasEnded()) return undefined;
      const end = await this.passing(() => this.bringHome());
      if (end) return end;
      // Again: the other half may have come to an end meanwhile, and rung when nobody slept.
      if (options.hasEnded() || options.isSettled()) return undefined;
      const ids = this.watchedIds();
      if (ids.length === 0) {
        if (run.state.in('ended').length === 0) await options.alarm.sleep(this.untilDeadline());
        continue;
      }
      const stop = await this.passing(async () => {
        await this.endEarly();
        return await this.takeLooks(await watcher.look(ids, run.signal));
      });
      if (stop) return stop;
      if (run.state.in('ended').length > 0) continue;
      await this.pause();
    }
  }

  private watchedIds(): string[] {
    const { state } = this.run;
    return [
      ...state.in('running').flatMap(({ batch }) => batch ?? []),
      ...state.in('suspected').flatMap(({ suspects }) => suspects),
    ];
  }

  /** Downloads what has ended, one after the other. */
  private async bringHome(): Promise<RunEnd | undefined> {
    const { run, options } = this;
    for (const shard of run.state.in('ended')) {
      if (!shard.ended) continue;
      const judged = await judgeEnded(run, shard, shard.ended, () => {
        options.memory.stopping = true;
      });
      if (judged.then === 'stop') return { kind: 'stopped', code: judged.code, message: judged.message };
      if (judged.then === 'collect') await this.collect(shard);
      else if (run.state.shard(shard.id).obstacle?.kind === 'queue_full') this.waitForRoom(shard);
      options.alarm.ring();
    }
    if (!canaryPending(run.state)) return undefined;
    return await judgeCanary(run);
  }

  private async collect(shard: ShardState): Promise<void> {
    const { run } = this;
    if (!shard.ended) return;
    try {
      await collectShard(run, shard, shard.ended);
    } catch (error) {
      if (!isProviderError(error) || error.code !== 'not_found') throw error;
      const message = `The results of batch ${shard.ended.id} are gone: ${error.message}`;
      await record(run, { event: 'vanished', shard: shard.id, batch: shard.ended.id, message });
    }
  }

  /** A queue that was full without anything of ours in it gets time. */
  private waitForRoom(shard: ShardState): void {
    const { memory } = this.options;
    const times = this.run.state.shard(shard.id).obstacle?.times ?? 1;
    const { firstPauseMs, longestPauseMs } = this.run.pace;
    memory.fullSince.set(shard.id, memory.ended);
    memory.pauses.set(shard.id, Date.now() + Math.min(firstPauseMs * 2 ** times, longestPauseMs));
  }

  private async takeLooks(looks: Map<string, Look>): Promise<RunEnd | undefined> {
    const { run, options } = this;
    const { state } = run;
    this.hintMs = 0;
    let trouble: Error | undefined;
    for (const shard of state.in('running')) {
      const look = looks.get(shard.batch ?? '');
      if (!look) continue;
      if ('batch' in look) await this.takeBatch(shard, look.batch);
      else if (isGone(look.error)) await this.takeGone(shard, shard.batch ?? '');
      else trouble = look.error as Error;
    }
    for (const shard of state.in('suspected')) {
      const found = shard.suspects.map((id) => looks.get(id));
      // It became suspected while the looks were under way: the next ones will be at them.
      if (found.includes(undefined)) continue;
      const other = found.find((look) => look && 'error' in look && !isGone(look.error));
      if (other && 'error' in other) {
        trouble = other.error as Error;
        continue;
      }
      const known = found.flatMap((look) => (look && 'batch' in look ? [look.batch] : []));
      await identifyBatch(run, shard, known);
      if (run.state.shard(shard.id).phase !== 'suspected') options.alarm.ring();
    }
    if (trouble !== undefined) throw trouble;
    this.pauses.reset();
    return undefined;
  }

  /** A batch that is new may not be known everywhere yet: only one that stays away is gone, with its answers. */
  private async takeGone(shard: ShardState, batch: string): Promise<void> {
    const { run, options } = this;
    const { name } = run.session.declaration;
    const since = this.goneSince.get(batch);
    if (since === undefined) {
      this.goneSince.set(batch, Date.now());
      run.listener.onTrouble?.(`${name} does not find batch ${batch}; looking for it a little longer`);
    } else if (Date.now() - since >= run.pace.settleMs) {
      const message = `Batch ${batch} is gone at ${name}`;
      await record(run, { event: 'vanished', shard: shard.id, batch, message });
      options.alarm.ring();
    }
  }

  private async takeBatch(shard: ShardState, batch: Batch): Promise<void> {
    const { run, options } = this;
    run.listener.onLook?.(shard.id, batch);
    this.goneSince.delete(batch.id);
    this.tellStrangeState(batch);
    this.hintMs = Math.max(this.hintMs, (batch.pollAfterSeconds ?? 0) * 1000);
    if (!hasEnded(batch.status)) return;
    options.memory.ended += 1;
    if (batch.status === 'cancelled' && shard.cancelling === undefined)
      run.listener.onNote?.(`Batch ${batch.id} was cancelled, and not by this run`);
    await record(run, { event: 'ended', shard: shard.id, batch: toEndedBatch(batch) });
    options.alarm.ring();
  }

  /** Nobody knows what it means, so the batch counts as one that is under way; but not in silence. */
  private tellStrangeState({ id, rawStatus, unknownStatus }: Batch): void {
    if (unknownStatus !== true || this.strangeStates.get(id) === rawStatus) return;
    this.strangeStates.set(id, rawStatus);
    const { name } = this.run.session.declaration;
    this.run.listener.onNote?.(
      `${name} says that batch ${id} is "${rawStatus}", a state that is not known here; still looking at it`,
    );
  }

  /** At the deadline, or because the user wants it, batches are cancelled; what they have answered comes all the same. */
  private async endEarly(): Promise<void> {
    const { run } = this;
    const { state, session } = run;
    if (!state.deadlineReached && this.untilDeadline() === 0) await record(run, { event: 'deadline' });
    if (!state.deadlineReached && !state.cancelled) return;
    if (!session.declaration.capabilities.cancel.supported) return;
    const provider = await session.remote();
    for (const shard of state.in('running')) {
      if (shard.cancelling !== undefined || shard.batch === undefined) continue;
      try {
        await provider.cancel(shard.batch, { signal: run.signal });
      } catch (error) {
        // It may have ended by itself; the next look tells.
        if (!isProviderError(error) || !['invalid_request', 'wrong_state'].includes(error.code)) throw error;
      }
      const why = state.cancelled ? 'the run was cancelled' : 'the deadline';
      await record(run, { event: 'cancelling', shard: shard.id, batch: shard.batch, why });
      this.pollMs = FIRST_POLL_MS;
    }
  }

  /** Milliseconds; undefined without one that lies ahead or was reached just now. */
  private untilDeadline(): number | undefined {
    const { policy } = this.run.settings;
    if (policy.deadline === undefined || this.run.state.deadlineReached) return undefined;
    return Math.max(0, Date.parse(policy.deadline) - Date.now());
  }

  private async pause(): Promise<void> {
    const { run, options } = this;
    const wanted = run.pace.pollMs ?? Math.max(this.pollMs, this.hintMs);
    this.pollMs = Math.min(LONGEST_POLL_MS, this.pollMs * 1.5);
    const until = Date.now() + Math.min(wanted, this.untilDeadline() ?? wanted);
    // What the other half does wakes this one, but does not make it look more often.
    while (Date.now() < until && !options.hasEnded() && run.state.in('ended').length === 0)
      await options.alarm.sleep(until - Date.now());
  }

  /** A failure that passes is told and waited out. */
  private async passing(work: () => Promise<RunEnd | undefined>): Promise<RunEnd | undefined> {
    const { run, options } = this;
    try {
      return await work();
    } catch (error) {
      if (run.signal.aborted) throw error;
      if (isCredentials(error))
        return { kind: 'stopped', code: 'credentials', message: error.message, cause: error };
      if (!isPassing(error)) throw error;
      const pause = this.pauses.next(error.retryAfterSeconds);
      run.listener.onTrouble?.(`${error.message}; trying again in ${(pause / 1000).toFixed(1)} s`);
      const until = Date.now() + pause;
      while (Date.now() < until && !options.hasEnded()) await options.alarm.sleep(until - Date.now());
      return undefined;
    }
  }
}
