import { setMaxListeners } from 'node:events';
import { askDirectly } from '../collect/ask-directly.js';
import { healRun } from '../collect/heal-run.js';
import { removeUploads } from '../finish/clean-up.js';
import { renderReport } from '../finish/report.js';
import { writeOutcome, type RunOutcome } from '../finish/write-outcome.js';
import { openOutput } from '../../rows/output-file.js';
import { record, type RunContext, type RunListener } from '../run-context.js';
import type { RunState } from '../store/run-state.js';
import type { SenderMemory } from '../send/choose-next.js';
import { Alarm } from './alarm.js';
import type { RunEnd } from './run-end.js';
import { sendShards } from './sender.js';
import { RunWatcher } from './watcher.js';

export interface ConductOptions {
  /** Send what can be sent at once, and leave. */
  detach: boolean;
  /** Batches of other runs. */
  claims: ReadonlySet<string>;
}

export type Conducted =
  | { kind: 'finished'; outcome: RunOutcome }
  | { kind: 'stopped'; end: Extract<RunEnd, { kind: 'stopped' }>; outcome?: RunOutcome }
  | { kind: 'detached'; end: Extract<RunEnd, { kind: 'detached' }> };

/** Takes a planned run to its end: sends, waits, collects, asks again, and writes what came of every row. */
export async function conductRun(run: RunContext, options: ConductOptions): Promise<Conducted> {
  for (;;) {
    const end = (await sendAndWait(run, options)) ?? (await askAfterDeadline(run));
    if (end?.kind === 'detached') return { kind: 'detached', end };
    if (end?.kind === 'stopped') return await stop(run, end);
    // Rows that are under way must never be taken for rows without an answer: they would be paid for again.
    if (!isSettled(run)) throw new Error('The run came to its end with batches under way');
    if (!mayHeal(run) || (await healRun(run)) === 0) break;
  }
  return { kind: 'finished', outcome: await finish(run) };
}

/** What is there so far is written where the run is not expected to go on by itself soon. */
const WORTH_WRITING = new Set(['budget', 'canary']);

async function stop(run: RunContext, end: Extract<RunEnd, { kind: 'stopped' }>): Promise<Conducted> {
  await record(run, { event: 'stopped', code: end.code, message: end.message });
  if (!WORTH_WRITING.has(end.code) || run.state.in('collected').length === 0) return { kind: 'stopped', end };
  const outcome = await writeOutcome(run);
  await writeReport(run, outcome);
  return { kind: 'stopped', end, outcome };
}

function mayHeal({ state, settings }: RunContext): boolean {
  const { reask, maxAttempts } = settings.policy;
  if (state.cancelled || state.deadlineReached) return false;
  if (state.healedRound >= state.round) return false;
  return reask > 0 || (maxAttempts > 1 && !isFlawless(state));
}

/** Every request was answered, as the provider has it: only a look at the answers themselves could find fault. */
function isFlawless(state: RunState): boolean {
  return state.active.every((shard) => shard.phase === 'collected' && shard.succeeded === shard.requests);
}

async function askAfterDeadline(run: RunContext): Promise<RunEnd | undefined> {
  return run.state.deadlineReached && !run.state.cancelled ? await askDirectly(run) : undefined;
}

/** Both halves at the same time; when one comes to an end for both, or fails, the other one ends too. */
async function sendAndWait(run: RunContext, { detach, claims }: ConductOptions): Promise<RunEnd | undefined> {
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  // Every call under way listens; Node takes more than ten of them for a leak.
  setMaxListeners(0, signal);
  const alarm = new Alarm(signal);
  // Whatever is recorded by one half may be what the other one waits for.
  const onEvent: RunListener['onEvent'] = (event, state) => {
    run.listener.onEvent?.(event, state);
    alarm.ring();
  };
  const part: RunContext = { ...run, signal, listener: { ...run.listener, onEvent } };
  const memory: SenderMemory = { pauses: new Map(), fullSince: new Map(), ended: 0, stopping: false };
  let end: RunEnd | undefined;
  const shared = { memory, alarm, isSettled: () => isSettled(run), hasEnded: () => end !== undefined };
  const half = async (work: Promise<RunEnd | undefined>): Promise<void> => {
    try {
      // Not `end ??= await work`, which looks at `end` before it waits, and forgets what the other half came to.
      const own = await work;
      end ??= own;
    } catch (error) {
      controller.abort(error);
      throw error;
    } finally {
      alarm.ring();
    }
  };
  const watcher = new RunWatcher(part, shared);
  const work = [half(sendShards(part, { ...shared, claims, detach }))];
  // Whoever only wants to send does not look what became of it, except for the canary that comes first.
  work.push(half(watcher.watch()));
  const [failure] = (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');
  run.signal.throwIfAborted();
  if (failure) throw failure.reason;
  return end;
}

/** Nothing is under way any more, and nothing is to be sent. */
function isSettled({ state }: RunContext): boolean {
  const underWay = state.in('uncertain', 'suspected', 'undecided', 'running', 'ended');
  const unsent = state.cancelled || state.deadlineReached ? [] : state.in('waiting');
  return underWay.length + unsent.length === 0;
}

async function finish(run: RunContext): Promise<RunOutcome> {
  const outcome = await writeOutcome(run);
  const { summary, results, receipts, output } = outcome;
  await writeReport(run, outcome);
  await removeUploads(run);
  await record(run, {
    event: 'finished',
    rows: summary.total,
    outcomes: Object.fromEntries(summary.counts),
    usd: run.prices && summary.unpriced.size === 0 ? summary.costUsd : undefined,
    ...{ results, receipts, output },
  });
  return outcome;
}

async function writeReport(run: RunContext, outcome: RunOutcome): Promise<void> {
  const output = await openOutput(run.paths.report, { force: true });
  try {
    await output.write(renderReport(run, outcome));
    await output.commit();
  } finally {
    await output.discard();
  }
}
