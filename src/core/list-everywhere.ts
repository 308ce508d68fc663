import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { listBatches, type ListBatchesOptions } from './list-batches.js';
import type { ProviderSession } from './session.js';

export interface ListedBatches {
  provider: ProviderDeclaration;
  /** Newest first. */
  batches: Batch[];
  /** Why this provider could not be asked. */
  problem?: string;
}

export interface ListEverywhereOptions extends ListBatchesOptions {
  /** Several providers are asked: one that fails, or has no key, must not hide the others. */
  all: boolean;
}

/** Lists the batches of several providers at the same time. */
export async function listEverywhere(
  sessions: readonly ProviderSession[],
  options: ListEverywhereOptions,
): Promise<ListedBatches[]> {
  const settled = await Promise.allSettled(sessions.map((session) => listBatches(session, options)));
  const lists: ListedBatches[] = [];
  const errors: unknown[] = [];
  for (const [index, result] of settled.entries()) {
    const provider = sessions[index]?.declaration;
    if (!provider) continue;
    if (result.status === 'fulfilled') lists.push({ provider, batches: result.value });
    else {
      errors.push(result.reason);
      const { message } = result.reason as Error;
      lists.push({ provider, batches: [], problem: `${provider.name} was left out: ${message}` });
    }
  }
  options.signal?.throwIfAborted();
  if (errors.length > 0 && (!options.all || errors.length === sessions.length)) throw firstTelling(errors);
  return lists;
}

/** A missing key is the least telling of several failures. */
function firstTelling(errors: unknown[]): unknown {
  return (
    errors.find((error) => !(error instanceof InstructorError && error.kind === 'credentials')) ?? errors[0]
  );
}
