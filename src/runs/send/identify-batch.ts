import { join } from 'node:path';
import { hasEnded, type Batch, type BatchProvider } from '@instructor-cli/provider-kit';
import { readBatchFile } from '../../core/read-batch-file.js';
import { readRequestIds } from '../../core/request-ids.js';
import { idAtStart, isBlank } from '../../core/line-ids.js';
import { IdTable } from '../../rows/id-table.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { scanLines } from '../../rows/scan-lines.js';
import { record, type RunContext } from '../run-context.js';
import type { ShardState } from '../store/run-state.js';

/**
 * Decides which of the batches that may be a shard's is it, once all of them have ended: the one whose answers carry
 * its custom ids and no others. Several, or one without any answer to tell by, are for the user to decide. `suspects`:
 * those that are still there.
 */
export async function identifyBatch(
  run: RunContext,
  shard: ShardState,
  suspects: readonly Batch[],
): Promise<void> {
  if (!suspects.every(({ status }) => hasEnded(status))) return;
  const { nonce = '', id } = shard;
  const ids = await idsOf(run, shard);
  const fitting: string[] = [];
  // One that is gone by now tells nothing either.
  const silent = shard.suspects.filter((id) => !suspects.some((batch) => batch.id === id));
  for (const batch of suspects) {
    const fit = await answersFit(run, batch, ids);
    if (fit === 'fits') fitting.push(batch.id);
    else if (fit === 'silent') silent.push(batch.id);
  }
  const [only] = fitting;
  if (fitting.length === 1 && only !== undefined)
    await record(run, { event: 'found', shard: id, nonce, batch: only, by: 'custom ids' });
  else if (fitting.length + silent.length > 0)
    await record(run, { event: 'undecided', shard: id, nonce, batches: [...fitting, ...silent] });
  // Its own may not be in the list yet: the search goes on without these.
  else await record(run, { event: 'disproved', shard: id, nonce, batches: shard.suspects });
}

/** What reading request files and answers takes. */
type Reading = Pick<RunContext, 'session' | 'paths' | 'signal'>;

/** The custom ids of a shard. */
export async function idsOf(run: Reading, shard: ShardState): Promise<IdTable> {
  const provider = await run.session.local();
  const path = join(run.paths.folder, shard.file);
  const ids = new IdTable(shard.requests);
  for await (const block of readRequestIds(provider, readFileBlocks(path, { signal: run.signal }), path))
    for (const id of block) ids.add(id);
  return ids;
}

/** Whether the answers of a batch are to these custom ids; `silent` if it has none to tell by. */
export async function answersFit(
  run: Reading,
  batch: Batch,
  ids: IdTable,
): Promise<'fits' | 'other' | 'silent'> {
  const provider = await run.session.remote();
  const { name } = run.session.declaration;
  let answers = 0;
  for (const file of batch.files.filter(({ kind }) => kind !== 'input')) {
    const bytes = readBatchFile(provider, file, { name, signal: run.signal });
    for await (const block of scanLines(bytes, file.id)) {
      let start = 0;
      for (const end of block.ends) {
        if (!isBlank(block.bytes, start, end)) {
          const id =
            idAtStart(provider, block.bytes, start, end) ?? lineId(provider, block.bytes, start, end);
          if (id === undefined || ids.find(id) === -1) return 'other';
          answers += 1;
        }
        start = end + 1;
      }
    }
  }
  return answers > 0 ? 'fits' : 'silent';
}

function lineId(provider: BatchProvider, bytes: Buffer, start: number, end: number): string | undefined {
  try {
    return provider.readResult(JSON.parse(bytes.toString('utf8', start, end))).customId;
  } catch {
    // A line that cannot be read tells nothing, and a batch with such lines is not taken for ours.
    return undefined;
  }
}
