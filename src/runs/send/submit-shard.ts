import { randomBytes } from 'node:crypto';
import { isProviderError, type ProviderError } from '@instructor-cli/provider-kit';
import { record, type RunContext } from '../run-context.js';
import type { StopCode } from '../store/events.js';
import type { ShardState } from '../store/run-state.js';
import { planShardSubmit } from './run-metadata.js';
import { shardSource } from './shard-source.js';

/** What came of sending a shard. Where it stands by now, the state tells. */
export type Sent =
  | { then: 'go-on' }
  /** A trouble that passes: the next try comes after a pause, as long as the provider asks for. */
  | { then: 'pause'; seconds?: number; message: string }
  | { then: 'stop'; code: StopCode; message: string; error: ProviderError };

/**
 * Sends a shard as a batch. Before anything leaves, the journal says that it is about to; so whatever happens then,
 * the next look at the journal knows that there may be a batch.
 */
export async function submitShard(run: RunContext, shard: ShardState): Promise<Sent> {
  const { session, settings, signal } = run;
  const provider = await session.remote();
  const source = await shardSource(run, shard);
  const nonce = `${settings.id}.${shard.id}.${randomBytes(6).toString('hex')}`;
  const plan = planShardSubmit(session.declaration, settings, shard.id, nonce);
  const { uploaded, id } = shard;
  await record(run, { event: 'submitting', shard: id, nonce, sha256: shard.sha256, uploaded });
  try {
    const batch = await provider.submit({
      source,
      endpoint: shard.endpoint,
      model: shard.model,
      traits: shard.traits,
      metadata: plan.metadata,
      completionWindow: plan.completionWindow,
      expiresAfterSeconds: plan.expiresAfterSeconds,
      uploaded,
      leaveLost: true,
      onUploaded: (file) => record(run, { event: 'uploaded', shard: id, nonce, file }),
      onProgress: (bytes) =>
        run.listener.onTransfer?.({ shard: id, doing: 'sending', bytes, total: source.bytes }),
      signal,
    });
    await record(run, { event: 'submitted', shard: id, nonce, batch: batch.id });
    run.listener.onLook?.(id, batch);
    return { then: 'go-on' };
  } catch (error) {
    // Interrupted: what was sent may have arrived. The next process finds out.
    if (signal.aborted || !isProviderError(error)) throw error;
    if (error.outcomeUnknown) {
      await record(run, { event: 'lost', shard: id, nonce, message: error.message });
      return { then: 'go-on' };
    }
    return await refuse(run, shard, nonce, error);
  }
}

async function refuse(
  run: RunContext,
  shard: ShardState,
  nonce: string,
  error: ProviderError,
): Promise<Sent> {
  const { code, message, obstacle } = error;
  // The file that was to be used again is gone: it is sent anew.
  const gone = code === 'not_found' && shard.uploaded !== undefined;
  const uploaded = gone ? undefined : run.state.shard(shard.id).uploaded;
  await record(run, { event: 'refused', shard: shard.id, nonce, code, message, obstacle, uploaded });
  await learnLimit(run, error);
  if (gone || obstacle === 'queue_full' || obstacle === 'batch_too_large') return { then: 'go-on' };
  if (obstacle === 'billing' || code === 'quota_exceeded')
    return { then: 'stop', code: 'billing', message, error };
  if (code === 'authentication' || code === 'permission')
    return { then: 'stop', code: 'credentials', message, error };
  if (code === 'rate_limited' || code === 'unavailable' || code === 'network')
    return { then: 'pause', seconds: error.retryAfterSeconds, message };
  return { then: 'stop', code: 'refused', message, error };
}

/** A limit that the provider names holds for the rest of the run. */
export async function learnLimit(
  run: RunContext,
  { limitTokens, limitRequests }: { limitTokens?: number; limitRequests?: number },
): Promise<void> {
  const { state } = run;
  const tokens = limitTokens === state.limitTokens ? undefined : limitTokens;
  const requests = limitRequests === state.limitRequests ? undefined : limitRequests;
  if (tokens !== undefined || requests !== undefined) await record(run, { event: 'limit', tokens, requests });
}
