import { isProviderError } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../failure/instructor-error.js';
import { deleteFiles } from '../../core/change-batch.js';
import type { ProviderSession } from '../../core/session.js';
import type { KnownRun } from '../find-runs.js';
import { Journal } from '../store/journal.js';
import { RunLock } from '../store/run-lock.js';
import type { LeftoverFile } from './leftover-files.js';
import { reconcileRuns } from './reconcile-runs.js';
import { readScope } from './run-scope.js';

export interface RemoveOptions {
  folder: string;
  sessions: readonly ProviderSession[];
  /** Ids of the files that the user agreed to. */
  agreed: ReadonlySet<string>;
  signal: AbortSignal;
}

export interface RemovedFiles {
  removed: Set<string>;
  /** Files that stay, and why. */
  kept: { file: string; why: string }[];
}

/** Removes request files from the providers: of those that were agreed to the ones that are still left over. */
export async function removeLeftovers({
  folder,
  sessions,
  agreed,
  signal,
}: RemoveOptions): Promise<RemovedFiles> {
  // While the user was thinking a run may have taken a file up again.
  const { leftovers } = await reconcileRuns({ scope: await readScope(folder), sessions, signal });
  const still = leftovers.filter(({ file }) => agreed.has(file.id));
  const done: RemovedFiles = { removed: new Set(), kept: [] };
  for (const id of agreed)
    if (!still.some(({ file }) => file.id === id)) done.kept.push({ file: id, why: 'it is used again' });
  for (const run of new Set(still.map((leftover) => leftover.run))) {
    const files = still.filter((leftover) => leftover.run === run);
    const removed = async (): Promise<string[]> => await removeAll(files, sessions, done, signal);
    if (run) await withJournal(run, removed);
    else await removed();
  }
  return done;
}

async function removeAll(
  files: readonly LeftoverFile[],
  sessions: readonly ProviderSession[],
  done: RemovedFiles,
  signal: AbortSignal,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { file, provider } of files) {
    const session = sessions.find(({ declaration }) => declaration.id === provider.id);
    if (!session) continue;
    try {
      await deleteFiles(session, [{ kind: 'input', id: file.id }], signal);
      done.removed.add(file.id);
      removed.push(file.id);
    } catch (error) {
      const isTold = isProviderError(error) || error instanceof InstructorError;
      if (signal.aborted || !isTold) throw error;
      done.kept.push({ file: file.id, why: error.message });
    }
  }
  return removed;
}

/** Has the run note what was removed, unless a process works on it: that one will find the file gone. */
async function withJournal({ paths, state }: KnownRun, remove: () => Promise<string[]>): Promise<void> {
  const lock = await RunLock.acquire(paths.lock).catch((error: unknown) => {
    if (error instanceof InstructorError && error.kind === 'state') return undefined;
    throw error;
  });
  try {
    const removed = (await remove()).filter((id) => state.uploads.has(id));
    if (!lock || removed.length === 0) return;
    const { journal } = await Journal.open(paths.journal);
    for (const file of removed) await journal.append({ event: 'removed', file });
    await journal.close();
  } finally {
    await lock?.release();
  }
}
