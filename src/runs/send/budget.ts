import { InstructorError } from '../../failure/instructor-error.js';
import type { RunContext } from '../run-context.js';
import type { RunState, ShardState } from '../store/run-state.js';

/**
 * Whether a shard may be sent without the run costing more than the user allows, even if every answer is as long as it
 * may be. `wait`: the batches in flight may turn out cheaper than that. Else the sentence that says why not.
 */
export function budgetFor(
  { settings, state }: Pick<RunContext, 'settings' | 'state'>,
  mostUsd: number | undefined,
  inFlight: readonly ShardState[],
): 'enough' | 'wait' | (string & {}) {
  const { maxCostUsd } = settings.policy;
  if (maxCostUsd === undefined) return 'enough';
  // Refused before the run began.
  if (mostUsd === undefined) return 'What the next shard costs is unknown';
  // What a batch of answers of unknown price has cost is taken for the most that it can have been.
  const unknown = state
    .in('collected', 'given-up')
    .filter(({ batch, usd }) => batch !== undefined && usd === undefined);
  const spent = state.spentUsd + unknown.reduce((sum, shard) => sum + (shard.mostUsd ?? 0), 0);
  // Batches that have ended and are not read yet cost something too.
  const open = [...inFlight, ...state.in('ended')];
  const reserved = open.reduce((sum, shard) => sum + (shard.mostUsd ?? 0), 0);
  if (spent + reserved + mostUsd <= maxCostUsd) return 'enough';
  if (open.length > 0) return 'wait';
  return `The next shard may cost up to $${mostUsd.toFixed(4)}, and $${spent.toFixed(4)} of $${maxCostUsd} are spent`;
}

/** A limit on money is only kept where prices are known: otherwise it is refused, not guessed at. */
export function requirePrices(state: RunState, maxCostUsd: number | undefined, model: string): void {
  if (maxCostUsd === undefined) return;
  if (state.active.every(({ mostUsd }) => mostUsd !== undefined)) return;
  const images = (state.facts?.images ?? 0) > 0;
  throw new InstructorError(
    'usage',
    images
      ? '--max-cost cannot be kept: nobody can tell what images cost before they are sent'
      : `--max-cost cannot be kept: the price of ${model}, or the length of its answers, is unknown`,
    {
      hint: 'Name its price in a file (INSTRUCTOR_PRICES_FILE), limit answers with --max-tokens, or leave --max-cost out',
    },
  );
}
