import type { RunPace } from '../run-context.js';

/** Pauses that double with each failure in a row, up to the longest. */
export class Pauses {
  private failures = 0;

  constructor(private readonly pace: RunPace) {}

  reset(): void {
    this.failures = 0;
  }

  /** Milliseconds; the provider's own wish counts if it is longer. */
  next(askedSeconds = 0): number {
    const grown = this.pace.firstPauseMs * 2 ** this.failures;
    this.failures = Math.min(this.failures + 1, 20);
    return Math.max(Math.min(grown, this.pace.longestPauseMs), askedSeconds * 1000);
  }
}
