import { InstructorError } from '../failure/instructor-error.js';

export const LINE_FEED = 0x0a;

/** Longest line that is read. A string in Node cannot hold much more than 512 MB. */
const LONGEST_LINE = 256 * 1024 * 1024;

/**
 * Cuts bytes into blocks of whole lines, without the line feed at their end. A block is good until the next one is
 * asked for, since the source may use its memory again. `next` gives the number of the line after the last block.
 */
export async function* wholeLines(
  source: AsyncIterable<Uint8Array>,
  name: string,
  next: () => number,
): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const bytes of source) {
    const chunk = toBuffer(bytes);
    let start = 0;
    if (restBytes > 0) {
      const end = chunk.indexOf(LINE_FEED);
      if (end !== -1) {
        // Only the line that was cut is put together, not all that came with it.
        yield Buffer.concat([...rest, chunk.subarray(0, end)]);
        rest = [];
        restBytes = 0;
        start = end + 1;
      }
    }
    const last = restBytes > 0 ? -1 : chunk.lastIndexOf(LINE_FEED);
    if (last >= start) {
      yield chunk.subarray(start, last);
      start = last + 1;
    }
    if (start === chunk.byteLength) continue;
    rest.push(Buffer.from(chunk.subarray(start)));
    restBytes += chunk.byteLength - start;
    if (restBytes > LONGEST_LINE) throw tooLong(name, next());
  }
  if (restBytes > 0) yield Buffer.concat(rest);
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
