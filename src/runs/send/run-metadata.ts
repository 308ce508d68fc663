import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import { planSubmit, type SubmitPlan } from '../../core/submit-requests.js';
import type { RunSettings } from '../store/run-settings.js';

/** The metadata by which a batch is recognised when the answer to its creation was lost. */
export const NONCE_KEY = 'instructor_nonce';
const RUN_KEY = 'instructor_run';
const SHARD_KEY = 'instructor_shard';

/** Whose a batch says that it is. */
export interface BatchOrigin {
  /** Id of the run. */
  run?: string;
  /** Name of the run; the user may have given several runs the same. */
  name?: string;
  shard?: string;
}

/** Reads what a run gave a batch along; nothing if no run did. */
export function originOf(metadata: Record<string, string> = {}): BatchOrigin | undefined {
  const { [NONCE_KEY]: nonce, [RUN_KEY]: name, [SHARD_KEY]: shard } = metadata;
  if (nonce === undefined && name === undefined) return undefined;
  const [run, ofNonce] = nonce?.split('.') ?? [];
  return { run, name, shard: ofNonce ?? shard };
}

/** Whether a batch of this provider can carry what it is recognised by. */
export function carriesNonce({ capabilities }: ProviderDeclaration): boolean {
  const { metadata } = capabilities;
  return metadata !== undefined && metadata.maxPairs > 0 && metadata.maxKeyLength >= NONCE_KEY.length;
}

/** What travels with a shard beside its requests. The nonce counts more than the names of run and shard. */
export function planShardSubmit(
  declaration: ProviderDeclaration,
  settings: RunSettings,
  shard: string,
  nonce: string,
): SubmitPlan {
  const { submit, name } = settings;
  if (!carriesNonce(declaration)) return planSubmit(declaration, submit);
  const { maxPairs = 0, maxValueLength = 0 } = declaration.capabilities.metadata ?? {};
  const own = Object.entries({ [NONCE_KEY]: nonce, [RUN_KEY]: name, [SHARD_KEY]: shard });
  const taken = Object.keys(submit.metadata ?? {}).length + (submit.description ? 1 : 0);
  const room = Math.max(1, maxPairs - taken);
  const metadata = Object.fromEntries(
    own.slice(0, room).map(([key, value]) => [key, value.slice(0, maxValueLength)]),
  );
  return planSubmit(declaration, { ...submit, metadata: { ...submit.metadata, ...metadata } });
}
