import { pause } from './pause.js';

/** The event loop gets its turn after this many milliseconds of work. */
const SLICE_MS = 12;
const TICK_MS = 15;

export interface RowWork {
  total: number;
  /** How many are done already. */
  from: number;
  /** Rows are spread evenly over this time. */
  durationMs: number;
  handle: (place: number) => void;
  /** Called after each slice: writes what `handle` has collected. */
  flush: () => Promise<void>;
  signals: AbortSignal[];
}

/** Handles rows at the pace of a clock, so that progress can be watched. Says how many are done. */
export async function workThrough(work: RowWork): Promise<number> {
  const share = work.total === 0 ? 0 : work.from / work.total;
  const startedAt = performance.now() - work.durationMs * share;
  let done = work.from;
  while (!work.signals.some((signal) => signal.aborted)) {
    const elapsed = performance.now() - startedAt;
    const due =
      elapsed >= work.durationMs ? work.total : Math.floor((work.total * elapsed) / work.durationMs);
    const sliceEnd = performance.now() + SLICE_MS;
    while (done < due && performance.now() < sliceEnd) work.handle(done++);
    await work.flush();
    if (done === work.total && elapsed >= work.durationMs) break;
    if (done < due) await new Promise((resolve) => setImmediate(resolve));
    else await pause(Math.min(TICK_MS, Math.max(1, work.durationMs - elapsed)), ...work.signals);
  }
  return done;
}
