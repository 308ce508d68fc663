import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { describeFileError } from '../failure/file-error.js';
import { openStream } from './open-stream.js';

/** Strings of this size are short-lived for V8; larger ones go where memory is reclaimed late. */
const CHUNK_BYTES = 64 * 1024;
/** Read at once. */
const BLOCK_BYTES = 8 * CHUNK_BYTES;

export interface ReadOptions {
  signal?: AbortSignal;
  /** The size of a piece: small ones for text, large ones for what is only passed on. */
  pieceBytes?: number;
}

/** Reads a file piece by piece; `-` is standard input. Each piece is the caller's own. */
export async function* readFileBytes(path: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  const { signal } = options;
  try {
    const stream = path === '-' ? process.stdin : await openForReading(path, signal);
    // Whoever types rows, or waits for another program's, can end it too.
    if (signal) addAbortSignal(signal, stream);
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    signal?.throwIfAborted();
    throw describeFileError(error, 'read', path);
  }
}

/** A stream of a file of any kind. */
export async function openForReading(path: string, signal?: AbortSignal): Promise<Readable> {
  const kind = await stat(path);
  return kind.isFile() || kind.isDirectory()
    ? createReadStream(path, { highWaterMark: CHUNK_BYTES })
    : await openStream(path, kind, signal);
}

/**
 * The same for a reader that is done with a piece when it asks for the next: a million rows are read through two
 * blocks of memory, one being filled while the other is used.
 */
export async function* readFileBlocks(path: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  const handle = path === '-' ? undefined : await openRegular(path);
  if (handle) yield* blocksOf(handle, path, options);
  else yield* readFileBytes(path, options);
}

/** Pipes and devices may keep a reader waiting for ever, so they are left to streams that can be interrupted. */
async function openRegular(path: string): Promise<FileHandle | undefined> {
  try {
    // Asked before it is opened: to open a pipe and close it again would end whoever writes into it.
    return (await stat(path)).isFile() ? await open(path, 'r') : undefined;
  } catch (error) {
    throw describeFileError(error, 'read', path);
  }
}

async function* blocksOf(
  handle: FileHandle,
  path: string,
  { signal, pieceBytes = CHUNK_BYTES }: ReadOptions,
): AsyncGenerator<Buffer> {
  let [front, back] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  const fill = (block: Buffer): Promise<{ bytesRead?: number; error?: unknown }> =>
    handle.read(block, 0, BLOCK_BYTES, null).catch((error: unknown) => ({ error }));
  let filling = fill(front);
  try {
    for (;;) {
      const { bytesRead = 0, error } = await filling;
      if (error !== undefined) throw describeFileError(error, 'read', path);
      if (bytesRead === 0) return;
      filling = fill(back);
      for (let at = 0; at < bytesRead; at += pieceBytes) {
        signal?.throwIfAborted();
        yield front.subarray(at, Math.min(at + pieceBytes, bytesRead));
      }
      [front, back] = [back, front];
    }
  } finally {
    await filling;
    await handle.close();
  }
}
