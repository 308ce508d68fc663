import {
  hasEnded,
  type Batch,
  type ProviderDeclaration,
  type StoredFile,
} from '@instructor-cli/provider-kit';
import type { KnownRun } from '../find-runs.js';
import { readUploadName } from '../send/shard-source.js';
import type { ProviderLook } from './look-at-provider.js';
import type { RunScope } from './run-scope.js';

/** A request file that nothing uses any more. */
export interface LeftoverFile {
  provider: ProviderDeclaration;
  file: StoredFile;
  /** Id of the run that sent it. */
  runId: string;
  shard: string;
  /** Absent if it is not known here. */
  run?: KnownRun;
  /** The batches that were made of it; all have ended. */
  batches: Batch[];
}

/** A file that another machine has just sent may be about to become a batch. */
const MAY_BECOME_A_BATCH_MS = 24 * 3600 * 1000;

/** Request files whose batches have ended, and those that no batch was made of and none will be. */
export function leftoverFiles(
  { single, runs, known }: RunScope,
  { provider, batches, files }: ProviderLook,
  now: number,
): LeftoverFile[] {
  const users = usersOfFiles(batches.values());
  return files.flatMap((file): LeftoverFile[] => {
    const name = readUploadName(file.name);
    if (!name) return [];
    const run = known.find(({ settings }) => settings.id === name.run);
    if (single && (run === undefined || !runs.includes(run))) return [];
    const leftover = {
      provider,
      file,
      runId: name.run,
      shard: name.shard,
      run,
      batches: users.get(file.id) ?? [],
    };
    return isLeftover(leftover, now) ? [leftover] : [];
  });
}

function usersOfFiles(batches: Iterable<Batch>): Map<string, Batch[]> {
  const users = new Map<string, Batch[]>();
  for (const batch of batches) {
    for (const { kind, id } of batch.files)
      if (kind === 'input') users.set(id, [...(users.get(id) ?? []), batch]);
  }
  return users;
}

function isLeftover({ file, run, batches }: LeftoverFile, now: number): boolean {
  if (!batches.every(({ status }) => hasEnded(status))) return false;
  if (run) return !isWanted(run, file, batches);
  return batches.length > 0 || now - (file.created?.getTime() ?? now) > MAY_BECOME_A_BATCH_MS;
}

/** Whether a run may still make a batch of a file, or has made one that the list does not show yet. */
function isWanted({ state, holder }: KnownRun, file: StoredFile, batches: readonly Batch[]): boolean {
  if (state.finished) return false;
  if (holder && batches.length === 0) return true;
  const [shard] = [...state.shards.values()].filter(({ uploaded }) => uploaded?.id === file.id);
  switch (shard?.phase) {
    case 'uncertain':
    case 'suspected':
    case 'undecided':
      return true;
    case 'waiting':
      return !state.cancelled;
    case 'running':
    case 'ended':
      // A batch that failed as a whole is made again, of the same file.
      return batches.length === 0 || batches.some(({ status }) => status === 'failed');
    default:
      return false;
  }
}
