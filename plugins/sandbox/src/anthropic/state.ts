import { Collection } from '../service/collection.js';
import type { SandboxContext } from '../service/context.js';
import { newMixedId } from '../service/ids.js';
import type { RowIndex } from '../service/row-index.js';
import { timestamp, type MessageBatch } from './wire.js';

export interface StoredBatch {
  /** All but `results_url`, which depends on the address that the client uses. */
  info: MessageBatch;
  version: string;
  bodyPath: string;
  resultsPath: string;
  cancel: AbortController;
}

const DAY_MS = 24 * 3600 * 1000;

export class AnthropicState {
  readonly batches = new Collection<StoredBatch>();

  constructor(readonly context: SandboxContext) {}

  newPlace(): { id: string; bodyPath: string } {
    const id = newMixedId('msgbatch_01');
    return { id, bodyPath: this.context.workspace.path(`${id}.json`) };
  }

  addBatch(place: { id: string; bodyPath: string }, index: RowIndex, version: string): StoredBatch {
    const now = new Date();
    const batch: StoredBatch = {
      info: {
        id: place.id,
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
      bodyPath: place.bodyPath,
      resultsPath: this.context.workspace.path(`${place.id}_results.jsonl`),
      cancel: new AbortController(),
    };
    this.batches.add(place.id, batch);
    return batch;
  }
}
