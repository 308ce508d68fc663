import { createReadStream } from 'node:fs';
import { describeFileError } from '../failure/file-error.js';

/** Strings of this size are short-lived for V8; larger ones go where memory is reclaimed late. */
const CHUNK_BYTES = 64 * 1024;

/** Reads a file piece by piece; `-` is standard input. */
export async function* readFileBytes(path: string, options: { start?: number } = {}): AsyncGenerator<Buffer> {
  const stream =
    path === '-'
      ? process.stdin
      : createReadStream(path, { highWaterMark: CHUNK_BYTES, start: options.start });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw describeFileError(error, 'read', path);
  }
}
