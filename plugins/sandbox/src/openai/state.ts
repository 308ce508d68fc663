import { rm } from 'node:fs/promises';
import { Collection } from '../service/collection.js';
import type { SandboxContext } from '../service/context.js';
import { newMixedId } from '../service/ids.js';
import { unixNow, type BatchObject, type FileObject } from './wire.js';

export interface StoredFile {
  info: FileObject;
  path: string;
}

export interface StoredBatch {
  info: BatchObject;
  /** Seconds that the result files are kept; thirty days unless the request says otherwise. */
  outputLifetime: number;
  cancel: AbortController;
}

export const DEFAULT_LIFETIME = 30 * 24 * 3600;

export class OpenAiState {
  readonly files = new Collection<StoredFile>();
  readonly batches = new Collection<StoredBatch>();

  constructor(readonly context: SandboxContext) {}

  newFilePath(): { id: string; path: string } {
    const id = newMixedId('file-');
    return { id, path: this.context.workspace.path(id) };
  }

  addFile(
    place: { id: string; path: string },
    file: { bytes: number; filename: string; purpose: string; lifetime?: number },
  ): FileObject {
    const now = unixNow();
    // Files for batches go after thirty days unless told otherwise; all others stay until they are deleted.
    const lifetime = file.lifetime ?? (file.purpose.startsWith('batch') ? DEFAULT_LIFETIME : undefined);
    const info: FileObject = {
      id: place.id,
      object: 'file',
      bytes: file.bytes,
      created_at: now,
      expires_at: lifetime === undefined ? null : now + lifetime,
      filename: file.filename,
      purpose: file.purpose,
      status: 'processed',
      status_details: null,
    };
    this.files.add(place.id, { info, path: place.path });
    return info;
  }

  async removeFile(file: StoredFile): Promise<void> {
    this.files.delete(file.info.id);
    await rm(file.path, { force: true });
  }
}
