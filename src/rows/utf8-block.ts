import { isUtf8 } from 'node:buffer';
import { InstructorError } from '../failure/instructor-error.js';
import { LINE_FEED } from './whole-lines.js';

/**
 * Makes sure that a block of lines is UTF-8: Node would put a replacement character in place of what it cannot read,
 * and the data would be changed silently. A byte order mark at the start of the file is dropped.
 */
export function utf8Block(bytes: Buffer, first: number, name: string): Buffer {
  if (first === 1) {
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw new InstructorError('input', `${name} is in UTF-16`, { hint: 'Save it as UTF-8' });
    }
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  }
  if (isUtf8(bytes)) return bytes;
  throw new InstructorError('input', `${name}, line ${badLine(bytes, first)}: not valid UTF-8`, {
    hint: 'Save it as UTF-8',
  });
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
