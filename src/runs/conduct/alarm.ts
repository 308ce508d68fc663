/** Nobody sleeps longer without looking around, and as long as anybody sleeps the process does not end for want of work. */
const LONGEST_MS = 60_000;

/** Lets one part of a run sleep until another has done something, or time has passed. */
export class Alarm {
  private wakers = new Set<() => void>();

  constructor(private readonly signal: AbortSignal) {}

  ring(): void {
    for (const wake of this.wakers) wake();
  }

  /** Ends when it rings, after so many milliseconds at most, or with the reason of the signal. */
  async sleep(milliseconds?: number): Promise<void> {
    this.signal.throwIfAborted();
    let wake: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        this.wakers.add(wake);
        this.signal.addEventListener('abort', wake, { once: true });
        timer = setTimeout(wake, Math.min(Math.max(0, milliseconds ?? LONGEST_MS), LONGEST_MS));
      });
    } finally {
      clearTimeout(timer);
      this.wakers.delete(wake);
      this.signal.removeEventListener('abort', wake);
    }
    this.signal.throwIfAborted();
  }
}
