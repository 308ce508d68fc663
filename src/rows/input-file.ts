import { createReadStream } from 'node:fs';
import { describeFileError } from '../failure/file-error.js';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file in large pieces; `-` is standard input. */
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
