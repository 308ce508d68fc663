import type { Change, Store } from './store.js';

const PAUSE_MS = 200;

/** Notes now and then how far a batch has come, so that it can go on from there. */
export class Checkpoints {
  #last = performance.now();

  constructor(
    private readonly store: Store,
    private readonly changes: () => Change[],
  ) {}

  /** To be called whenever all that was done is on disk. */
  pass(): void {
    if (this.store.keeps && performance.now() - this.#last >= PAUSE_MS) this.write();
  }

  write(): void {
    if (!this.store.keeps) return;
    this.#last = performance.now();
    this.store.write(...this.changes());
  }
}
