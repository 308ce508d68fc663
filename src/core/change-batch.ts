import { hasEnded, isProviderError, type Batch, type BatchFile } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderSession } from './session.js';

/** Words that providers use for "not in this state"; the batch itself then tells what the matter is. */
const REFUSALS = new Set(['invalid_request', 'wrong_state']);

/** Asks for the end of a batch, and gives it as it is afterwards. */
export async function cancelBatch(
  session: ProviderSession,
  id: string,
  signal?: AbortSignal,
): Promise<Batch> {
  session.require('cancel');
  const provider = await session.remote();
  let batch: Batch;
  try {
    batch = await provider.cancel(id, { signal });
  } catch (error) {
    if (!isProviderError(error) || !REFUSALS.has(error.code)) throw error;
    batch = await provider.retrieve(id, { signal });
    if (!hasEnded(batch.status)) throw error;
  }
  if (hasEnded(batch.status) && batch.status !== 'cancelled') {
    throw new InstructorError('state', `Batch ${id} has ended already: it is ${batch.status}`, {
      hint: `Its results can be fetched: instructor batch results --batch-id ${id} --provider ${session.declaration.id} --output-file results.jsonl`,
    });
  }
  return batch;
}

/** Deletes a batch, and explains what to do about one that still runs. */
export async function deleteBatch(session: ProviderSession, id: string, signal?: AbortSignal): Promise<void> {
  session.require('delete');
  const provider = await session.remote();
  if (!provider.delete)
    throw new InstructorError('unsupported', `${session.declaration.name} has no such operation (delete)`);
  try {
    await provider.delete(id, { signal });
  } catch (error) {
    if (!isProviderError(error) || !REFUSALS.has(error.code)) throw error;
    const batch = await provider.retrieve(id, { signal });
    if (hasEnded(batch.status)) throw error;
    throw new InstructorError(
      'state',
      `Batch ${id} is still ${batch.status}; only a batch that has ended can be deleted`,
      {
        hint: `End it first, then delete it: instructor batch cancel --batch-id ${id} --provider ${session.declaration.id}`,
        cause: error,
      },
    );
  }
}

/** Deletes the files of a batch one by one. Those that are gone already count as done. */
export async function deleteFiles(
  session: ProviderSession,
  files: readonly BatchFile[],
  signal?: AbortSignal,
): Promise<{ file: BatchFile; deleted: boolean }[]> {
  session.require('deleteFiles');
  const provider = await session.remote();
  if (!provider.deleteFile)
    throw new InstructorError(
      'unsupported',
      `${session.declaration.name} has no such operation (deleteFiles)`,
    );
  const done: { file: BatchFile; deleted: boolean }[] = [];
  for (const file of files) {
    try {
      await provider.deleteFile(file, { signal });
      done.push({ file, deleted: true });
    } catch (error) {
      if (!isProviderError(error) || error.code !== 'not_found') throw error;
      done.push({ file, deleted: false });
    }
  }
  return done;
}
