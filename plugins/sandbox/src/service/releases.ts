import { pause } from './pause.js';

/** Batches that wait until they are let go. */
export class Releases {
  readonly #waiting = new Map<string, AbortController>();

  /** Waits for so long, or without end, until it is let go or one of the signals is raised. */
  async wait(id: string, milliseconds = Infinity, ...signals: AbortSignal[]): Promise<void> {
    const released = new AbortController();
    this.#waiting.set(id, released);
    await pause(milliseconds, released.signal, ...signals);
    this.#waiting.delete(id);
  }

  /** Lets one batch go, or all of them. Gives the ids of those that did wait. */
  release(id?: string): string[] {
    const waiting = [...this.#waiting].filter(([one]) => id === undefined || one === id);
    for (const [, released] of waiting) released.abort();
    return waiting.map(([one]) => one);
  }
}
