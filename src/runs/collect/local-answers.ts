import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch, BatchProvider, CompiledSchema } from '@instructor-cli/provider-kit';
import { compileFor } from '../../core/create-requests.js';
import { createRowReader, type RowReader } from '../../core/read-results.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { sha256 } from '../sha256.js';
import { requestTarget, type RunContext } from '../run-context.js';
import type { RunState, ShardState } from '../store/run-state.js';

/** What answers that were asked for outside of batches are called where others have the id of their batch. */
export const DIRECT = 'direct';

/** The provider, but for its result files: those are read from the run directory. */
export async function localProvider(run: Pick<RunContext, 'paths' | 'session'>): Promise<BatchProvider> {
  const provider = await run.session.local();
  return {
    ...provider,
    openFile: async ({ id }) => {
      const path = join(run.paths.folder, id);
      return { stream: readFileBlocks(path), offset: 0, totalBytes: (await stat(path)).size };
    },
  };
}

/** The batches whose answers are here, the oldest attempt first. */
export function collectedBatches(state: RunState): Batch[] {
  const shards = state.in('collected').sort((left, right) => left.round - right.round);
  const batches = shards.map((shard) => toBatch(shard));
  const { direct } = state;
  if (direct?.file) batches.push({ ...EMPTY, id: DIRECT, files: [{ kind: 'output', id: direct.file.path }] });
  return batches;
}

const EMPTY: Omit<Batch, 'id' | 'files'> = {
  status: 'completed',
  rawStatus: 'completed',
  times: {},
  counts: {},
  requests: {},
  problems: [],
  raw: undefined,
};

function toBatch({ ended, files, batch = '' }: ShardState): Batch {
  return {
    ...EMPTY,
    ...(ended && {
      status: ended.status,
      rawStatus: ended.rawStatus,
      model: ended.model,
      endpoint: ended.endpoint,
      problems: ended.problems,
      requests: ended.requests,
    }),
    id: batch,
    files: files.map(({ kind, path }) => ({ kind, id: path })),
  };
}

/** How a line is read, checked against the original schema; each row says the hash of the line that it was read from. */
export async function answerReader(run: RunContext): Promise<RowReader> {
  const { provider, model, endpoint, responseModel } = await requestTarget(run);
  let compiled: CompiledSchema | undefined;
  if (responseModel) compiled = compileFor(provider, responseModel, model, endpoint);
  const read = createRowReader(provider, run.responseModel, () => compiled);
  return (line) => {
    const answerSha256 = sha256(line);
    const row = read(line);
    return row instanceof Promise
      ? row.then((finished) => ({ ...finished, answerSha256 }))
      : Object.assign(row, { answerSha256 });
  };
}
