import { utf8Block } from './utf8-block.js';
import { wholeLines } from './whole-lines.js';

/** Some whole lines in a row. Blank ones are among them, so that numbers stay right. */
export interface LineBlock {
  /** Number of the first line, counted from 1. */
  first: number;
  lines: string[];
  /** Size of the lines with a line feed behind each. */
  bytes: number;
}

/**
 * Splits bytes into lines, many at a time: awaiting each one would cost more than reading it. Blocks are as large
 * as the chunks that arrive, so memory stays flat. A byte order mark is dropped, carriage returns before a line
 * feed are kept (JSON does not mind them).
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<LineBlock> {
  let first = 1;
  for await (const block of wholeLines(source, name, () => first)) {
    const bytes = utf8Block(block, first, name);
    const lines = bytes.toString('utf8').split('\n');
    yield { first, lines, bytes: bytes.byteLength + 1 };
    first += lines.length;
  }
}
