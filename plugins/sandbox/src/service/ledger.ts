import type { ServerResponse } from 'node:http';
import type { SandboxProtocol } from '../options.js';
import type { Change, Store } from './store.js';

/** A batch that came into being, whatever the client was told and whatever became of it. */
export interface CreatedBatch {
  id: string;
  protocol: SandboxProtocol;
  /** RFC 3339, with milliseconds. */
  createdAt: string;
  /** The status on the wire, or `deleted`. */
  status: string;
  metadata: Record<string, string> | null;
  /** How many requests it holds; null until OpenAI's validation has read them. */
  requests: number | null;
  /**
   * OpenAI: the sha256 of the bytes of the input file. Anthropic: that of the items of `requests` as they were sent,
   * without white space around them, each followed by a line feed.
   */
  requestsSha256: string;
  /** The sha256 of the custom ids in their order, joined by line feeds; null until they have been read. */
  customIdsSha256: string | null;
  /** Rows that were run, well or badly. */
  rowsAnswered: number;
  /** What became of the answer to its creation: `unknown` if the sandbox ended before that was settled. */
  answer: 'sent' | 'lost' | 'unknown';
}

/** The list of all batches that were ever created. It forgets none, so that a test can prove that none came twice. */
export class Ledger {
  readonly #batches = new Map<string, CreatedBatch>();
  readonly #told = new WeakMap<ServerResponse, CreatedBatch>();

  constructor(private readonly store: Store) {
    for (const [id, batch] of store.all<CreatedBatch>('created')) this.#batches.set(id, batch);
  }

  get all(): CreatedBatch[] {
    return [...this.#batches.values()];
  }

  add(batch: CreatedBatch): CreatedBatch {
    this.#batches.set(batch.id, batch);
    return batch;
  }

  get(id: string): CreatedBatch | undefined {
    return this.#batches.get(id);
  }

  /** Begins to count the answered rows of a batch, or goes on from where it was when the sandbox ended. */
  countRows(id: string, stats: { rowsAnswered: number }, answered: number): () => void {
    const batch = this.#batches.get(id);
    // What was answered after the last checkpoint is answered again.
    stats.rowsAnswered += answered - (batch?.rowsAnswered ?? 0);
    if (batch) batch.rowsAnswered = answered;
    return () => {
      stats.rowsAnswered++;
      if (batch) batch.rowsAnswered++;
    };
  }

  /** What to write of a batch after something of it has changed. */
  change(id: string): Change[] {
    const value = this.#batches.get(id);
    return value ? [{ kind: 'created', id, value }] : [];
  }

  /** Notes whether the answer that tells of a batch leaves in full. */
  watch(response: ServerResponse, id: string): void {
    const batch = this.#batches.get(id);
    if (!batch) return;
    this.#told.set(response, batch);
    const settle = (answer: 'sent' | 'lost'): void => {
      if (batch.answer !== 'unknown') return;
      batch.answer = answer;
      this.store.write(...this.change(batch.id));
    };
    response.once('finish', () => settle('sent'));
    response.once('close', () => settle('lost'));
  }

  /** The client will not learn from this answer of the batch that it tells of, if it does. */
  lose(response: ServerResponse): void {
    const batch = this.#told.get(response);
    if (!batch) return;
    batch.answer = 'lost';
    this.store.write(...this.change(batch.id));
  }
}

/** Where the custom ids of a batch are kept. */
export function customIdsName(batchId: string): string {
  return `${batchId}.ids`;
}
