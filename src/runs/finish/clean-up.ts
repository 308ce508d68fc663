import { isProviderError } from '@instructor-cli/provider-kit';
import { record, type RunContext } from '../run-context.js';

/** Removes the request files of the run from the provider: their batches have ended. A failure costs nothing but tidiness. */
export async function removeUploads(run: RunContext): Promise<void> {
  const { session, settings, state, signal, listener } = run;
  if (settings.policy.keepFiles || state.uploads.size === 0) return;
  if (session.declaration.capabilities.deleteFiles?.supported !== true) return;
  const provider = await session.remote();
  for (const id of [...state.uploads]) {
    try {
      await provider.deleteFile?.({ kind: 'input', id }, { signal });
    } catch (error) {
      if (signal.aborted || !isProviderError(error)) throw error;
      if (error.code !== 'not_found') {
        listener.onTrouble?.(`The request file ${id} could not be removed: ${error.message}`);
        continue;
      }
    }
    await record(run, { event: 'removed', file: id });
  }
}
