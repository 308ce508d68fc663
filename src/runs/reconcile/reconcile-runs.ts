import { isProviderError } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../failure/instructor-error.js';
import type { ProviderSession } from '../../core/session.js';
import { leftoverFiles, type LeftoverFile } from './leftover-files.js';
import { lookAtProvider } from './look-at-provider.js';
import { questionedShards, type QuestionedShard } from './questioned-shards.js';
import { scopeOf, type RunScope } from './run-scope.js';
import { strayBatches, type OrphanedBatch, type UnknownBatch } from './stray-batches.js';
import { unfetchedResults, type UnfetchedResult } from './unfetched-results.js';

/** What journals and providers say, held against each other. */
export interface Reconciled {
  scope: RunScope;
  questioned: QuestionedShard[];
  orphans: OrphanedBatch[];
  unknown: UnknownBatch[];
  unfetched: UnfetchedResult[];
  leftovers: LeftoverFile[];
  /** Batches that the providers listed. */
  listed: number;
  /** Providers that could not be asked. Of their batches and files nothing is known. */
  problems: { provider: string; message: string; isCredentials: boolean }[];
}

export interface ReconcileOptions {
  scope: RunScope;
  /** One for each provider that is asked. */
  sessions: readonly ProviderSession[];
  signal: AbortSignal;
  now?: number;
}

/** Asks the providers for what they have, and joins it with the journals. Changes nothing. */
export async function reconcileRuns({
  scope,
  sessions,
  signal,
  now = Date.now(),
}: ReconcileOptions): Promise<Reconciled> {
  const done: Reconciled = {
    scope,
    ...{ questioned: [], orphans: [], unknown: [], unfetched: [], leftovers: [] },
    ...{ listed: 0, problems: [] },
  };
  const errors: unknown[] = [];
  for (const session of sessions) {
    try {
      const own = scopeOf(scope, session.declaration.id);
      const look = await lookAtProvider(session, own, signal);
      const questioned = questionedShards(own, look);
      const { orphans, unknown } = strayBatches(own, look, questioned);
      done.questioned.push(...questioned);
      done.orphans.push(...orphans);
      done.unknown.push(...unknown);
      done.unfetched.push(...unfetchedResults(own, look));
      done.leftovers.push(...leftoverFiles(own, look, now));
      done.listed += look.batches.size;
    } catch (error) {
      // One that fails, or has no key, must not hide the others.
      if (signal.aborted || !isTold(error)) throw error;
      errors.push(error);
      const { id, name } = session.declaration;
      const message = `${name} was left out: ${error.message}`;
      done.problems.push({ provider: id, message, isCredentials: isCredentialsProblem(error) });
    }
  }
  if (errors.length > 0 && errors.length === sessions.length) throw errors[0];
  return done;
}

function isTold(error: unknown): error is Error {
  return isProviderError(error) || error instanceof InstructorError;
}

function isCredentialsProblem(error: Error): boolean {
  if (error instanceof InstructorError) return error.kind === 'credentials';
  return isProviderError(error) && ['authentication', 'permission'].includes(error.code);
}
