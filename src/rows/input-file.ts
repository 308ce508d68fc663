import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { describeFileError } from '../failure/file-error.js';

/** Strings of this size are short-lived for V8; larger ones go where memory is reclaimed late. */
const CHUNK_BYTES = 64 * 1024;

/** Reads a file piece by piece; `-` is standard input. */
export async function* readFileBytes(
  path: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Buffer> {
  const { signal } = options;
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // Whoever types rows, or waits for another program's, can end it too.
  if (signal) addAbortSignal(signal, stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    signal?.throwIfAborted();
    throw describeFileError(error, 'read', path);
  }
}
