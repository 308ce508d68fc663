import type { Batch } from '@instructor-cli/provider-kit';
import type { ProviderSession } from './session.js';

/** A batch as the provider knows it now. */
export async function getBatch(session: ProviderSession, id: string, signal?: AbortSignal): Promise<Batch> {
  return await (await session.remote()).retrieve(id, { signal });
}
