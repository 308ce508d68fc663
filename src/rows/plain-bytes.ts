import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InstructorError } from '../failure/instructor-error.js';
import { readFileBlocks, readFileBytes } from './input-file.js';
import { workbook } from './table-format.js';

/** The longest start of a file that tells what it is. */
const MAGIC_BYTES = 4;

export interface PlainBytesOptions {
  signal?: AbortSignal;
  /** What errors call the file. */
  name: string;
  /** Each piece is the caller's own; else it is good until the next one is asked for. */
  own?: boolean;
}

/** The bytes of a text, unpacked if they are gzip, whatever the name says. The first piece has at least four if the file has. */
export async function* plainBytes(path: string, options: PlainBytesOptions): AsyncGenerator<Buffer> {
  const source = options.own ? readFileBytes(path, options) : readFileBlocks(path, options);
  try {
    const first = await startOf(source);
    const whole = startingWith(first, source);
    if (!(first[0] === 0x1f && first[1] === 0x8b)) yield* textOnly(first, whole, options.name);
    else yield* unpacked(whole, options);
  } finally {
    await source.return(undefined);
  }
}

async function* unpacked(whole: AsyncGenerator<Buffer>, options: PlainBytesOptions): AsyncGenerator<Buffer> {
  const source = gunzipped(whole, options);
  const first = await startOf(source);
  yield* textOnly(first, startingWith(first, source), options.name);
}

/** Refuses what is no text at all, which would only give strange errors later. */
function textOnly(first: Buffer, whole: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const magic = first.toString('latin1', 0, MAGIC_BYTES);
  if (magic === 'PK\x03\x04') throw workbook(name);
  if (magic === 'PAR1') {
    throw new InstructorError('usage', `${name} is a Parquet file`, {
      hint: 'Say so with --input-format parquet',
    });
  }
  return whole;
}

async function startOf(source: AsyncGenerator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.byteLength < MAGIC_BYTES) {
    const next = await source.next();
    if (next.done) break;
    first = first.byteLength === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return first;
}

async function* startingWith(first: Buffer, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.byteLength > 0) yield first;
  yield* source;
}

async function* gunzipped(
  packed: AsyncIterable<Buffer>,
  { name, signal }: PlainBytesOptions,
): AsyncGenerator<Buffer> {
  // Its failure arrives at who reads from the last stream of it.
  const stream = pipeline(Readable.from(copies(packed)), createGunzip(), () => undefined);
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
    throw new InstructorError('input', `${name} cannot be unpacked: ${(error as Error).message}`, {
      hint: 'It is gzip that is damaged or not complete; copy or download it again',
      cause: error,
    });
  }
}

/** Streams read ahead, and a piece is good only until the next one is asked for. */
async function* copies(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}
