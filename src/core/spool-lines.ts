import type { BatchFile, BatchProvider } from '@instructor-cli/provider-kit';
import { IdTable } from '../rows/id-table.js';
import { scanLines } from '../rows/scan-lines.js';
import type { CollectOptions } from './collect-results.js';
import { idAtStart, isBlank } from './line-ids.js';
import { readBatchFile } from './read-batch-file.js';
import type { Spool } from './spool.js';

/** A line of a result file, and where it stands. */
export interface ResultLine {
  file: string;
  line: number;
  text: string;
}

/** Puts all result lines to disk as they come, and gives the table that numbers the first one of each id. */
export async function spoolLines(options: CollectOptions, spool: Spool): Promise<IdTable> {
  const { provider, summary, batch, signal } = options;
  const table = new IdTable(batch.requests.total);
  for (const file of batch.files) {
    if (file.kind === 'input') continue;
    const name = nameOf(file);
    for await (const { first, bytes, ends } of scanLines(readBatchFile(provider, file, options), name)) {
      signal?.throwIfAborted();
      const base = spool.end;
      const full = spool.append(bytes);
      if (full) await full;
      let start = 0;
      for (const [index, end] of ends.entries()) {
        if (!isBlank(bytes, start, end)) {
          try {
            const id = idAtStart(provider, bytes, start, end) ?? parsedId(provider, bytes, start, end);
            if (table.add(id) >= 0) spool.add(base + start, end - start);
            else summary.duplicates += 1;
          } catch (error) {
            noteUnreadable(options, { file: name, line: first + index, text: '' }, error);
          }
        }
        start = end + 1;
      }
    }
  }
  await spool.flush();
  return table;
}

function parsedId(provider: BatchProvider, bytes: Buffer, start: number, end: number): string {
  return provider.readResult(JSON.parse(bytes.toString('utf8', start, end))).customId;
}

/** A result file as messages call it. */
export function nameOf({ kind }: BatchFile): string {
  return kind === 'output' ? 'the output file' : 'the error file';
}

/** Counts a result line that cannot be read, and tells of it. */
export function noteUnreadable(options: CollectOptions, { file, line }: ResultLine, error: unknown): void {
  options.summary.unreadableLines += 1;
  options.onUnreadable?.({ file, line, reason: (error as Error).message });
}
