import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchFile, BatchProvider } from '@instructor-cli/provider-kit';
import { costOf } from '../../core/cost.js';
import { isBlank } from '../../core/line-ids.js';
import { readBatchFile } from '../../core/read-batch-file.js';
import { openOutput } from '../../rows/output-file.js';
import { scanLines } from '../../rows/scan-lines.js';
import { record, type RunContext } from '../run-context.js';
import type { CollectedFile, EndedBatch } from '../store/events.js';
import type { ShardState } from '../store/run-state.js';

/** What the answers of a batch come to, without looking into them. */
export interface AnswerCounts {
  succeeded: number;
  failed: number;
  /** Absent if one of them has an unknown price. */
  usd?: number;
}

/** Brings the result files of a batch that has ended into the run directory, byte for byte. */
export async function collectShard(run: RunContext, shard: ShardState, batch: EndedBatch): Promise<void> {
  const counts: AnswerCounts = { succeeded: 0, failed: 0, usd: 0 };
  const files: CollectedFile[] = [];
  await mkdir(run.paths.answers, { recursive: true });
  for (const file of batch.files.filter(({ kind }) => kind !== 'input'))
    files.push(await download(run, shard, file, counts));
  tellMismatch(run, shard, batch, counts.succeeded + counts.failed);
  await record(run, { event: 'collected', shard: shard.id, batch: batch.id, files, ...counts });
}

/**
 * That rows have no line, or two, is no reason to stop, but must not pass in silence. Of batches that were cut short
 * not every provider counts the rows that were not run.
 */
function tellMismatch(
  run: RunContext,
  { id }: ShardState,
  { id: batch, status, requests: { succeeded, failed } }: EndedBatch,
  lines: number,
): void {
  if (status !== 'completed' || succeeded === undefined || failed === undefined) return;
  const counted = succeeded + failed;
  if (counted === lines) return;
  const results = `${counted} ${counted === 1 ? 'result' : 'results'}`;
  run.listener.onNote?.(`${id}: batch ${batch} counts ${results}, but its files hold ${lines}`);
}

async function download(
  run: RunContext,
  shard: ShardState,
  file: BatchFile,
  counts: AnswerCounts,
): Promise<CollectedFile> {
  const { session, signal, listener, paths } = run;
  const provider = await session.remote();
  const path = `answers/${shard.id}.${file.kind}.jsonl`;
  const hash = createHash('sha256');
  // A half of it may be there from a process that was ended.
  const output = await openOutput(join(paths.folder, path), { force: true });
  try {
    const bytes = readBatchFile(provider, file, {
      name: session.declaration.name,
      signal,
      onProgress: (received, total) =>
        listener.onTransfer?.({ shard: shard.id, doing: 'receiving', bytes: received, total }),
      onResume: ({ at }) => listener.onTrouble?.(`The connection was cut; going on at byte ${at}`),
    });
    const kept = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        hash.update(piece);
        // Copied: the reader may use the piece again before it is on disk.
        const full = output.writeBytes(Buffer.from(piece));
        if (full) await full;
        yield piece;
      }
    };
    for await (const { bytes: block, ends } of scanLines(kept(), path)) {
      let start = 0;
      for (const end of ends) {
        if (!isBlank(block, start, end)) countLine(run, provider, block.toString('utf8', start, end), counts);
        start = end + 1;
      }
    }
    const size = output.bytes;
    await output.commit();
    return { kind: file.kind, id: file.id, path, bytes: size, sha256: hash.digest('hex') };
  } finally {
    await output.discard();
  }
}

function countLine(run: RunContext, provider: BatchProvider, line: string, counts: AnswerCounts): void {
  try {
    const { outcome, usage, model = run.settings.model } = provider.readResult(JSON.parse(line));
    if (outcome === 'succeeded') counts.succeeded += 1;
    else counts.failed += 1;
    if (!usage) return;
    const usd = run.prices && costOf(run.prices, model, usage, { batch: true });
    counts.usd = usd === undefined || counts.usd === undefined ? undefined : counts.usd + usd;
  } catch {
    // It is kept as it is, and told of when the results are written.
    counts.failed += 1;
  }
}
