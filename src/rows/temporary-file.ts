import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileError } from '../failure/file-error.js';

/** A name for a file that nobody else uses, and what removes it. */
export interface TemporaryFile {
  path: string;
  remove: () => Promise<void>;
}

export async function temporaryFile(name: string): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'instructor-')).catch((error: unknown) => {
    throw describeFileError(error, 'write', tmpdir());
  });
  return { path: join(folder, name), remove: () => rm(folder, { recursive: true, force: true }) };
}
