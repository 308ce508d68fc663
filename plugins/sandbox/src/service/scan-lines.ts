import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/** Calls back for every line of a file, with its place in bytes. Holds one line and one chunk at a time. */
export async function scanLines(
  path: string,
  onLine: (line: Buffer, offset: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let pieces: Buffer[] = [];
  let carried = 0;
  let position = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    if (signal?.aborted) return;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      onLine(carried > 0 ? Buffer.concat([...pieces, tail]) : tail, position + start - carried);
      pieces = [];
      carried = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      pieces.push(chunk.subarray(start));
      carried += chunk.length - start;
    }
    position += chunk.length;
  }
  if (carried > 0) onLine(Buffer.concat(pieces), position - carried);
}
