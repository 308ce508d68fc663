import { utf8Block } from './utf8-block.js';
import { LINE_FEED, wholeLines } from './whole-lines.js';

/** Some whole lines in a row, as bytes: for work that looks at the start of each only. */
export interface ScannedBlock {
  /** Number of the first line, counted from 1. */
  first: number;
  /** Good until the next block is asked for. */
  bytes: Buffer;
  /** Where each line ends. It starts behind the line feed that ends the one before. */
  ends: number[];
}

/** Finds lines without making strings of them. */
export async function* scanLines(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<ScannedBlock> {
  let first = 1;
  for await (const block of wholeLines(source, name, () => first)) {
    const bytes = utf8Block(block, first, name);
    const ends: number[] = [];
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, end + 1)) {
      ends.push(end);
    }
    ends.push(bytes.byteLength);
    yield { first, bytes, ends };
    first += ends.length;
  }
}
