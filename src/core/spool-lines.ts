import type { BatchFile, BatchProvider } from '@instructor-cli/provider-kit';
import { scanLines } from '../rows/scan-lines.js';
import { AnswerIndex } from './answer-index.js';
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

/** Puts all result lines to disk as they come, the oldest batch first, and says which belong to which id. */
export async function spoolLines(options: CollectOptions, spool: Spool): Promise<AnswerIndex> {
  const { provider, summary, batches, signal } = options;
  const index = new AnswerIndex(batches.length, batches[0]?.requests.total);
  for (const { batch, number, file } of resultFiles(options)) {
    const name = nameOf(file);
    for await (const { first, bytes, ends } of scanLines(readBatchFile(provider, file, options), name)) {
      signal?.throwIfAborted();
      const base = spool.end;
      const full = spool.append(bytes);
      if (full) await full;
      let start = 0;
      for (const [at, end] of ends.entries()) {
        if (!isBlank(bytes, start, end)) {
          try {
            const id = idAtStart(provider, bytes, start, end) ?? parsedId(provider, bytes, start, end);
            if (index.add(id, number)) spool.add(base + start, end - start);
            else summary.duplicates += 1;
          } catch (error) {
            noteUnreadable(
              options,
              { file: fileName(options, batch.id, name), line: first + at, text: '' },
              error,
            );
          }
        }
        start = end + 1;
      }
    }
  }
  await spool.flush();
  return index;
}

/** The files with answers of all batches. */
export function resultFiles({ batches }: CollectOptions): {
  batch: CollectOptions['batches'][number];
  number: number;
  file: BatchFile;
}[] {
  return batches.flatMap((batch, number) =>
    batch.files.filter(({ kind }) => kind !== 'input').map((file) => ({ batch, number, file })),
  );
}

function fileName({ batches }: CollectOptions, batchId: string, name: string): string {
  return batches.length > 1 ? `${name} of ${batchId}` : name;
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
