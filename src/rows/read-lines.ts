import { isUtf8 } from 'node:buffer';
import { InstructorError } from '../failure/instructor-error.js';

/** Some whole lines in a row. Blank ones are among them, so that numbers stay right. */
export interface LineBlock {
  /** Number of the first line, counted from 1. */
  first: number;
  lines: string[];
}

const LINE_FEED = 0x0a;

/** Longest line that is read. A string in Node cannot hold much more than 512 MB. */
const LONGEST_LINE = 256 * 1024 * 1024;

/**
 * Splits bytes into lines, many at a time: awaiting each one would cost more than reading it. Blocks are as large
 * as the chunks that arrive, so memory stays flat. A byte order mark is dropped, carriage returns before a line
 * feed are kept (JSON does not mind them).
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<LineBlock> {
  let first = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const bytes of source) {
    const chunk = toBuffer(bytes);
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end === -1) {
      rest.push(chunk);
      restBytes += chunk.byteLength;
      if (restBytes > LONGEST_LINE) throw tooLong(name, first);
      continue;
    }
    const whole = chunk.subarray(0, end);
    const lines = decode(rest.length === 0 ? whole : Buffer.concat([...rest, whole]), first, name).split(
      '\n',
    );
    rest = end + 1 < chunk.byteLength ? [chunk.subarray(end + 1)] : [];
    restBytes = chunk.byteLength - end - 1;
    yield { first, lines };
    first += lines.length;
  }
  if (restBytes > 0) yield { first, lines: [decode(Buffer.concat(rest), first, name)] };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decode(bytes: Buffer, first: number, name: string): string {
  if (first === 1) {
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw new InstructorError('input', `${name} is in UTF-16`, { hint: 'Save it as UTF-8' });
    }
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  }
  // Node would put a replacement character in place of what it cannot read, and the data would be changed silently.
  if (!isUtf8(bytes))
    throw new InstructorError('input', `${name}, line ${badLine(bytes, first)}: not valid UTF-8`, {
      hint: 'Save it as UTF-8',
    });
  return bytes.toString('utf8');
}

function badLine(bytes: Buffer, first: number): number {
  let line = first;
  for (let start = 0; start < bytes.byteLength; line += 1) {
    const end = bytes.indexOf(LINE_FEED, start);
    const stop = end === -1 ? bytes.byteLength : end;
    if (!isUtf8(bytes.subarray(start, stop))) return line;
    start = stop + 1;
  }
  return line;
}

function tooLong(name: string, line: number): InstructorError {
  return new InstructorError(
    'input',
    `${name}, line ${line} is longer than ${LONGEST_LINE / 1024 / 1024} MB`,
    {
      hint: 'Is it JSON Lines, with one record a line?',
    },
  );
}
