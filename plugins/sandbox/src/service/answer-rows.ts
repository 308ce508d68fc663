import { setMaxListeners } from 'node:events';
import { askThrough } from '../upstream/ask-through.js';
import type { Upstream } from '../upstream/upstream.js';
import type { SandboxContext } from './context.js';
import { workThrough } from './work-through.js';

/** The rows of a batch of either protocol. */
export interface AnswerableRows {
  total: number;
  done: number;
  answer: (place: number) => void;
  ask: (place: number, upstream: Upstream, signal: AbortSignal) => Promise<() => void>;
}

/** Has rows answered from where they are: made up at the pace of a clock, or by the upstream as fast as it can. */
export async function answerRows(
  context: SandboxContext,
  rows: AnswerableRows,
  flush: () => Promise<void>,
  signals: AbortSignal[],
): Promise<void> {
  const { total, done: from } = rows;
  const { upstream } = context;
  if (!upstream) {
    const handle = (place: number): void => rows.answer(place);
    const durationMs = context.timing.inProgressMs;
    await workThrough({ total, from, durationMs, handle, flush, signals });
    return;
  }
  const signal = AbortSignal.any(signals);
  // Every request on its way listens to it.
  setMaxListeners(0, signal);
  const ask = (place: number): Promise<() => void> => rows.ask(place, upstream, signal);
  await askThrough({ total, from, concurrency: upstream.concurrency, ask, flush, signals });
}
