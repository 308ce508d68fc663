import { rm } from 'node:fs/promises';
import type { BatchFaults } from '../faults/batch-faults.js';
import type { QueueLoad } from '../faults/queue-limit.js';
import { Collection } from '../service/collection.js';
import type { SandboxContext } from '../service/context.js';
import { newMixedId } from '../service/ids.js';
import { customIdsName } from '../service/ledger.js';
import type { Change } from '../service/store.js';
import { unixNow, type BatchObject, type BatchStatus, type FileObject } from './wire.js';

export interface StoredFile {
  info: FileObject;
  path: string;
  /** Of the bytes of an upload. */
  sha256?: string;
}

/** What is kept of a batch. */
interface BatchRecord {
  info: BatchObject;
  /** Seconds that the result files are kept; thirty days unless the request says otherwise. */
  outputLifetime: number;
  /** What the order of its rows follows from, whatever the sandbox is told when it starts again. */
  seed: string;
  /** The ids that its result files will have. */
  resultIds: { output: string; errors: string };
  /** What its requests weigh in the queue: a token for every four bytes of its input. */
  tokens: number;
  faults: BatchFaults;
}

export interface StoredBatch extends BatchRecord {
  cancel: AbortController;
}

export const DEFAULT_LIFETIME = 30 * 24 * 3600;

const ENDS: BatchStatus[] = ['completed', 'failed', 'expired', 'cancelled'];

export class OpenAiState {
  readonly files = new Collection<StoredFile>();
  readonly batches = new Collection<StoredBatch>();

  constructor(readonly context: SandboxContext) {
    const { store } = context;
    for (const [id, { info, sha256 }] of store.all<StoredFile>('file')) {
      this.files.add(id, { info, sha256, path: this.path(id) });
    }
    for (const [id, record] of store.all<BatchRecord>('openai-batch')) {
      const batch: StoredBatch = { ...record, cancel: new AbortController() };
      if (record.info.status === 'cancelling') batch.cancel.abort();
      this.batches.add(id, batch);
    }
  }

  path(name: string): string {
    return this.context.workspace.path(name);
  }

  /** The input of a batch that runs: the client may delete its file in the meantime. */
  inputPath(batch: StoredBatch): string {
    return this.path(`${batch.info.id}.input`);
  }

  unfinished(): StoredBatch[] {
    return this.batches
      .newestFirst()
      .map(([, batch]) => batch)
      .filter(({ info }) => !ENDS.includes(info.status))
      .reverse();
  }

  /** What the queue holds, and what it would with one more batch. Not in it: that batch, and what does not count yet. */
  queueLoad(more: { tokens: number; requests: number }, counts: (batch: StoredBatch) => boolean): QueueLoad {
    const queued = this.unfinished().filter(counts);
    const sum = (weigh: (batch: StoredBatch) => number): number =>
      queued.reduce((total, batch) => total + weigh(batch), 0);
    return {
      tokens: { queued: sum((batch) => batch.tokens), more: more.tokens },
      requests: { queued: sum(({ info }) => info.request_counts.total), more: more.requests },
    };
  }

  /** The names of all files on disk that still have a use. */
  fileNames(): string[] {
    return [
      ...this.files.newestFirst().map(([id]) => id),
      ...this.unfinished().flatMap(({ info, resultIds }) => [
        `${info.id}.input`,
        resultIds.output,
        resultIds.errors,
      ]),
      ...this.context.ledger.all.map(({ id }) => customIdsName(id)),
    ];
  }

  newFileId(): string {
    return newMixedId('file-');
  }

  addFile(
    id: string,
    file: { bytes: number; filename: string; purpose: string; lifetime?: number; sha256?: string },
  ): StoredFile {
    const now = unixNow();
    // Files for batches go after thirty days unless told otherwise; all others stay until they are deleted.
    const lifetime = file.lifetime ?? (file.purpose.startsWith('batch') ? DEFAULT_LIFETIME : undefined);
    const info: FileObject = {
      id,
      object: 'file',
      bytes: file.bytes,
      created_at: now,
      expires_at: lifetime === undefined ? null : now + lifetime,
      filename: file.filename,
      purpose: file.purpose,
      status: 'processed',
      status_details: null,
    };
    const stored = { info, path: this.path(id), sha256: file.sha256 };
    this.files.add(id, stored);
    return stored;
  }

  async removeFile(file: StoredFile): Promise<void> {
    this.files.delete(file.info.id);
    await rm(file.path, { force: true });
  }

  /** Keeps a batch as it is now, with what changed along with it. */
  save(batch: StoredBatch, ...along: Change[]): void {
    const { cancel: _, ...value } = batch;
    const { info } = value;
    const { store, ledger } = this.context;
    const created = ledger.get(info.id);
    if (created) created.status = info.status;
    store.write({ kind: 'openai-batch', id: info.id, value }, ...ledger.change(info.id), ...along);
  }
}

export function fileChange({ info, sha256 }: StoredFile): Change {
  return { kind: 'file', id: info.id, value: { info, sha256 } };
}
