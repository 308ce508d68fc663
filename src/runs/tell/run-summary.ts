import type { RunSettings } from '../store/run-settings.js';
import type { RunState, ShardState } from '../store/run-state.js';

/** In one word, where a run is. */
export type RunStatus = 'planning' | 'planned' | 'running' | 'stopped' | 'cancelled' | 'finished';

export function statusOf(state: RunState): RunStatus {
  if (state.finished) return state.cancelled ? 'cancelled' : 'finished';
  if (!state.planned) return 'planning';
  if (state.cancelled) return 'cancelled';
  if (state.stopped) return 'stopped';
  return state.active.some(({ phase }) => phase !== 'waiting') ? 'running' : 'planned';
}

/** A run in the form in which it is given to programs: `--json`, `--notify` and `--webhook`. */
export function runToJson(folder: string, settings: RunSettings, state: RunState): Record<string, unknown> {
  const { facts, finished, stopped, canary } = state;
  return {
    run: settings.name,
    id: settings.id,
    directory: folder,
    status: statusOf(state),
    provider: settings.provider,
    model: settings.model,
    input: settings.input.name,
    output: settings.output?.path ?? null,
    created_at: settings.created,
    finished_at: finished?.at ?? null,
    requests: state.requests,
    skipped: state.skipped,
    rounds: state.round,
    tokens: sum(planned(state), 'tokens'),
    cost: {
      spent_usd: finished ? (finished.usd ?? null) : state.spentUsd,
      most_usd: sum(planned(state), 'mostUsd'),
      limit_usd: settings.policy.maxCostUsd ?? null,
      prices_from: facts?.pricesFrom ?? null,
    },
    outcomes: finished?.outcomes ?? null,
    canary: canary ? { passed: canary.passed, message: canary.message } : null,
    stopped: stopped ? { code: stopped.code, message: stopped.message } : null,
    batches: state.active.map((shard) => shardToJson(shard)),
    direct: state.direct
      ? {
          rows: state.direct.rows,
          succeeded: state.direct.succeeded ?? null,
          failed: state.direct.failed ?? null,
        }
      : null,
  };
}

function shardToJson(shard: ShardState): Record<string, unknown> {
  const { id, round, phase, batch, requests, tokens, ended, succeeded, failed, usd, suspects } = shard;
  return {
    shard: id,
    round,
    phase,
    batch: batch ?? null,
    status: ended?.status ?? null,
    requests,
    tokens: tokens ?? null,
    succeeded: succeeded ?? null,
    failed: failed ?? null,
    usd: usd ?? null,
    candidates: suspects,
  };
}

/** The shards of the plan, whatever became of them. */
export function planned(state: RunState): ShardState[] {
  return [...state.shards.values()].filter(({ round, partOf }) => round === 1 && partOf === undefined);
}

/** Null as soon as one of them is unknown. */
export function sum(
  shards: readonly ShardState[],
  key: 'tokens' | 'mostUsd' | 'mostDirectUsd',
): number | null {
  let total = 0;
  for (const shard of shards) {
    const value = shard[key];
    if (value === undefined) return null;
    total += value;
  }
  return total;
}
