import { isProviderError } from '@instructor-cli/provider-kit';
import { record, type RunContext } from './run-context.js';

/** Asks for the end of all batches of a run. From then on nothing of it is sent; whoever takes it up collects what came. */
export async function cancelRun(
  run: RunContext,
): Promise<{ cancelled: string[]; problems: { batch: string; message: string }[] }> {
  const { state, session, signal } = run;
  const provider = await session.remote();
  if (!state.cancelled) await record(run, { event: 'cancelled' });
  const cancelled: string[] = [];
  const problems: { batch: string; message: string }[] = [];
  for (const shard of state.in('running')) {
    const { batch } = shard;
    if (batch === undefined || shard.cancelling !== undefined) continue;
    try {
      await provider.cancel(batch, { signal });
    } catch (error) {
      if (signal.aborted || !isProviderError(error)) throw error;
      // One that has ended meanwhile needs no cancelling.
      if (error.code !== 'wrong_state' && error.code !== 'invalid_request') {
        problems.push({ batch, message: error.message });
        continue;
      }
    }
    await record(run, { event: 'cancelling', shard: shard.id, batch, why: 'the run was cancelled' });
    cancelled.push(batch);
  }
  return { cancelled, problems };
}
