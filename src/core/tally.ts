/** Different things that are counted by name; what comes after is counted together. */
const NAMES = 100;
const OTHERS = 'other parts';

/** How many requests each of some names is about. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    const key = this.counts.has(name) || this.counts.size < NAMES ? name : OTHERS;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** The most frequent first. */
  entries(): [name: string, requests: number][] {
    return [...this.counts].sort(([, a], [, b]) => b - a);
  }
}
