import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { claimsOf, type KnownRun } from '../find-runs.js';
import { carriesNonce, NONCE_KEY } from '../send/run-metadata.js';
import { CLOCKS_DIFFER_MS, isSuspect } from '../send/settle-shard.js';
import type { ShardState } from '../store/run-state.js';
import type { ProviderLook } from './look-at-provider.js';
import type { RunScope } from './run-scope.js';

export type MatchedBy = 'metadata' | 'input file' | 'time and count';

export interface Candidate {
  id: string;
  by: MatchedBy;
  /** Absent if the provider knows no such batch. */
  batch?: Batch;
}

/** A shard of which nobody knows whether there is a batch, or which. */
export interface QuestionedShard {
  provider: ProviderDeclaration;
  run: KnownRun;
  shard: ShardState;
  candidates: Candidate[];
}

/** The shards of a run whose fate is unknown. */
export function inQuestion({ state }: Pick<KnownRun, 'state'>): ShardState[] {
  return state.in('uncertain', 'suspected', 'undecided');
}

/** Shards of unknown fate, with the batches that they may have become. */
export function questionedShards({ runs, known }: RunScope, look: ProviderLook): QuestionedShard[] {
  const claims = claimsOf(known);
  const { provider } = look;
  return runs.flatMap((run) =>
    inQuestion(run).map((shard) => ({
      ...{ provider, run, shard },
      candidates: candidatesOf(shard, look, claims),
    })),
  );
}

function candidatesOf(shard: ShardState, look: ProviderLook, claims: ReadonlySet<string>): Candidate[] {
  // What the run itself found before; it knows more than a look at one moment does.
  if (shard.phase !== 'uncertain') {
    const free = shard.suspects.filter((id) => !claims.has(id));
    return free.map((id) => ({ id, by: 'time and count', batch: look.batches.get(id) }));
  }
  const free = [...look.batches.values()].filter(({ id }) => !claims.has(id));
  const sure = free.flatMap((batch): Candidate[] => {
    const by = mark(batch, shard);
    return by === undefined ? [] : [{ id: batch.id, by, batch }];
  });
  // Where a batch would be recognised by its metadata nothing is guessed.
  if (sure.length > 0 || carriesNonce(look.provider)) return sure;
  const since = Date.parse(shard.submittingAt ?? '') - CLOCKS_DIFFER_MS;
  return free
    .filter((batch) => isSuspect(batch, shard) && !(batch.times.created && +batch.times.created < since))
    .map((batch) => ({ id: batch.id, by: 'time and count', batch }));
}

/** Something that only the batch of this shard has. */
function mark(batch: Batch, { nonce, uploaded }: ShardState): MatchedBy | undefined {
  if (nonce !== undefined && batch.metadata?.[NONCE_KEY] === nonce) return 'metadata';
  const sameFile = batch.files.some(({ kind, id }) => kind === 'input' && id === uploaded?.id);
  return sameFile ? 'input file' : undefined;
}
