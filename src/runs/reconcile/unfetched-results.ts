import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { KnownRun } from '../find-runs.js';
import type { ShardState } from '../store/run-state.js';
import type { ProviderLook } from './look-at-provider.js';
import type { RunScope } from './run-scope.js';

/** A batch of a run whose answers are not in its directory. */
export interface UnfetchedResult {
  provider: ProviderDeclaration;
  run: KnownRun;
  shard: ShardState;
  id: string;
  /** As it is now; absent if the provider knows no such batch. */
  batch?: Batch;
}

export function unfetchedResults({ runs }: RunScope, { provider, batches }: ProviderLook): UnfetchedResult[] {
  return runs.flatMap((run) =>
    run.state.in('running', 'ended').flatMap((shard) => {
      const { batch: id } = shard;
      return id === undefined ? [] : [{ provider, run, shard, id, batch: batches.get(id) }];
    }),
  );
}
