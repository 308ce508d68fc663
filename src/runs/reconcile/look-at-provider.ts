import type { Batch, ProviderDeclaration, StoredFile } from '@instructor-cli/provider-kit';
import { BatchWatcher } from '../../core/look-at-batches.js';
import type { ProviderSession } from '../../core/session.js';
import { isGone } from '../passing-error.js';
import { CLOCKS_DIFFER_MS } from '../send/settle-shard.js';
import { readUploadName } from '../send/shard-source.js';
import type { RunScope } from './run-scope.js';

/** What a provider has. */
export interface ProviderLook {
  provider: ProviderDeclaration;
  /** By id, the newest first: those since the oldest run began, and those that the journals wait for, unless the provider knows no such batch. */
  batches: Map<string, Batch>;
  /** Request files of runs. */
  files: StoredFile[];
}

/** Lists batches and request files of a provider. Files come first, so that a batch that uses one is certainly seen. */
export async function lookAtProvider(
  session: ProviderSession,
  { runs }: RunScope,
  signal: AbortSignal,
): Promise<ProviderLook> {
  const provider = await session.remote();
  const { declaration } = session;
  const files: StoredFile[] = [];
  for await (const file of provider.listFiles?.({ signal }) ?? [])
    if (readUploadName(file.name)) files.push(file);
  const batches = new Map<string, Batch>();
  const { supported } = declaration.capabilities.list;
  if (supported) {
    const since = oldest([...begun(runs), ...files.map(({ created }) => created?.getTime() ?? 0)]);
    for await (const batch of provider.list({ signal })) {
      // The newest come first.
      if (batch.times.created && batch.times.created.getTime() < since) break;
      batches.set(batch.id, batch);
    }
  }
  const unseen = awaited(runs).filter((id) => !batches.has(id));
  for (const [id, look] of await new BatchWatcher(provider, supported).look(unseen, signal)) {
    if ('batch' in look) batches.set(id, look.batch);
    else if (!isGone(look.error)) throw look.error;
  }
  return { provider: declaration, batches, files };
}

/** The moment from which a batch may be of one of the runs. Milliseconds since 1970. */
export function oldest(moments: readonly number[]): number {
  const first = moments.reduce((least, moment) => Math.min(least, moment), Infinity);
  return first === Infinity ? 0 : first - CLOCKS_DIFFER_MS;
}

export function begun(runs: RunScope['runs']): number[] {
  return runs.map(({ settings }) => Date.parse(settings.created));
}

/** Batches whose state counts, however old they are. */
function awaited(runs: RunScope['runs']): string[] {
  return runs.flatMap(({ state }) => [
    ...state.in('running', 'ended').flatMap(({ batch }) => batch ?? []),
    ...state.in('suspected', 'undecided').flatMap(({ suspects }) => suspects),
  ]);
}
