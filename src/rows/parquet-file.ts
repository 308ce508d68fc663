import { close, open, read, fstat } from 'node:fs';
import { promisify } from 'node:util';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import { rereadable } from './standard-input-file.js';

const [openFile, closeFile, statFile] = [promisify(open), promisify(close), promisify(fstat)];
const readFile = promisify(read);

/** A file of which any part can be read. */
export interface RandomAccessFile {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** Opens a file; standard input goes through a temporary one, which is removed again. */
export async function openRandomAccess(path: string, signal?: AbortSignal): Promise<RandomAccessFile> {
  const { path: place, remove } = await rereadable(path, signal ?? new AbortController().signal).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    },
  );
  try {
    // A number rather than a handle, which would complain if a table is never read.
    const descriptor = await openFile(place, 'r');
    const { size } = await statFile(descriptor);
    // Nothing stays behind, however the program ends; some systems remove only what is closed.
    await remove().catch(() => undefined);
    return {
      byteLength: size,
      slice: (start, end = size) => part(descriptor, start, Math.min(end, size), path, signal),
      close: async () => {
        await closeFile(descriptor);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw describeFileError(error, 'read', path);
  }
}

async function part(
  descriptor: number,
  start: number,
  end: number,
  path: string,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  for (let filled = 0; filled < bytes.byteLength;) {
    signal?.throwIfAborted();
    const { bytesRead } = await readFile(
      descriptor,
      bytes,
      filled,
      bytes.byteLength - filled,
      start + filled,
    ).catch((error: unknown) => {
      throw describeFileError(error, 'read', path);
    });
    if (bytesRead === 0) {
      throw new InstructorError('failed', `${path} became shorter while it was read`);
    }
    filled += bytesRead;
  }
  return bytes.buffer;
}
