export interface AskedRows {
  total: number;
  /** How many are done already. */
  from: number;
  concurrency: number;
  /** Asks for the answer to a row; what it gives puts that among the results. */
  ask: (place: number) => Promise<() => void>;
  /** Called when some results were added: writes them. */
  flush: () => Promise<void>;
  signals: AbortSignal[];
}

/** Answers may come so far out of order, in multiples of those that are under way. */
const AHEAD = 16;

/**
 * Has rows answered elsewhere, several at a time. Results are added in the order of the places, so that a number says
 * what is done: early ones wait for those before them, and a slow one holds up the asking at some point, not memory.
 */
export async function askThrough(work: AskedRows): Promise<void> {
  const { total, concurrency, signals } = work;
  const ready = new Map<number, () => void>();
  const underWay = new Set<Promise<void>>();
  let next = work.from;
  let done = work.from;
  let broken: unknown;
  const stopped = (): boolean => signals.some((signal) => signal.aborted) || broken !== undefined;

  while (done < total && !stopped()) {
    while (next < total && underWay.size < concurrency && next - done < concurrency * AHEAD && !stopped()) {
      const place = next++;
      const asked = work
        .ask(place)
        .then((add) => void ready.set(place, add))
        .catch((error: unknown) => {
          // What was interrupted is not done; anything else is a fault of ours and must not go unseen.
          if (!stopped()) broken = error;
        })
        .finally(() => underWay.delete(asked));
      underWay.add(asked);
    }
    if (underWay.size > 0) await Promise.race(underWay);
    for (let add = ready.get(done); add; add = ready.get(done)) {
      ready.delete(done++);
      add();
    }
    await work.flush();
  }
  await Promise.all(underWay);
  if (broken !== undefined) throw broken as Error;
}
