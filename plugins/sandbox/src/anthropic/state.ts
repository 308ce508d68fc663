import { strikeBatch, type BatchFaults } from '../faults/batch-faults.js';
import { Collection } from '../service/collection.js';
import type { SandboxContext } from '../service/context.js';
import { newMixedId } from '../service/ids.js';
import { customIdsName } from '../service/ledger.js';
import type { Change } from '../service/store.js';
import type { RowIndex } from '../service/row-index.js';
import { timestamp, type MessageBatch } from './wire.js';

/** What is kept of a batch. */
interface BatchRecord {
  /** All but `results_url`, which depends on the address that the client uses. */
  info: MessageBatch;
  version: string;
  /** What the order of its rows follows from, whatever the sandbox is told when it starts again. */
  seed: string;
  faults: BatchFaults;
}

export interface StoredBatch extends BatchRecord {
  bodyPath: string;
  resultsPath: string;
  cancel: AbortController;
}

/** What is known of the requests of a batch once they have been received. */
export interface ReceivedRequests {
  index: RowIndex;
  requestsSha256: string;
  customIdsSha256: string;
}

const DAY_MS = 24 * 3600 * 1000;

export class AnthropicState {
  readonly batches = new Collection<StoredBatch>();

  constructor(readonly context: SandboxContext) {
    for (const [id, record] of context.store.all<BatchRecord>('anthropic-batch')) {
      const batch = this.#stored(record);
      if (record.info.processing_status === 'canceling') batch.cancel.abort();
      this.batches.add(id, batch);
    }
  }

  newId(): string {
    return newMixedId('msgbatch_01');
  }

  bodyPath(id: string): string {
    return this.context.workspace.path(`${id}.json`);
  }

  idsPath(id: string): string {
    return this.context.workspace.path(customIdsName(id));
  }

  unfinished(): StoredBatch[] {
    return this.batches
      .newestFirst()
      .map(([, batch]) => batch)
      .filter(({ info }) => info.processing_status !== 'ended')
      .reverse();
  }

  /** The names of all files on disk that still have a use. */
  fileNames(): string[] {
    return [
      ...this.batches.newestFirst().map(([id]) => resultsName(id)),
      ...this.unfinished().map(({ info }) => `${info.id}.json`),
    ];
  }

  addBatch(id: string, { index, ...digests }: ReceivedRequests, version: string): StoredBatch {
    const now = new Date();
    const batch = this.#stored({
      info: {
        id,
        type: 'message_batch',
        processing_status: 'in_progress',
        request_counts: { processing: index.size, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
        ended_at: null,
        created_at: timestamp(now),
        expires_at: timestamp(new Date(now.getTime() + DAY_MS)),
        archived_at: null,
        cancel_initiated_at: null,
        results_url: null,
      },
      version,
      seed: this.context.seed,
      faults: strikeBatch(this.context.faults, 'anthropic'),
    });
    this.batches.add(id, batch);
    this.context.ledger.add({
      id,
      protocol: 'anthropic',
      createdAt: now.toISOString(),
      status: batch.info.processing_status,
      metadata: null,
      requests: index.size,
      ...digests,
      rowsAnswered: 0,
      answer: 'unknown',
    });
    return batch;
  }

  /** Keeps a batch as it is now, with what changed along with it. */
  save(batch: StoredBatch, ...along: Change[]): void {
    const { info, version, seed, faults } = batch;
    const { store, ledger } = this.context;
    const created = ledger.get(info.id);
    if (created) created.status = info.processing_status;
    const value: BatchRecord = { info, version, seed, faults };
    store.write({ kind: 'anthropic-batch', id: info.id, value }, ...ledger.change(info.id), ...along);
  }

  #stored(record: BatchRecord): StoredBatch {
    const { id } = record.info;
    return {
      ...record,
      bodyPath: this.bodyPath(id),
      resultsPath: this.context.workspace.path(resultsName(id)),
      cancel: new AbortController(),
    };
  }
}

function resultsName(id: string): string {
  return `${id}_results.jsonl`;
}
