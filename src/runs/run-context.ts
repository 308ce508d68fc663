import type { Batch, BatchProvider, PriceList, ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { RequestTarget } from '../core/create-requests.js';
import type { ProviderSession } from '../core/session.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { RecordedEvent, RunEvent } from './store/events.js';
import type { Journal } from './store/journal.js';
import type { RunPaths } from './store/run-paths.js';
import type { RunSettings } from './store/run-settings.js';
import type { RunState } from './store/run-state.js';

/** What the world around a run is told while it works. Nothing is printed from here. */
export interface RunListener {
  /** Something was written into the journal; `state` has it already. */
  onEvent?: (event: RecordedEvent, state: RunState) => void;
  /** Bytes of a shard that were sent, or of a result file that were received. */
  onTransfer?: (transfer: {
    shard: string;
    doing: 'sending' | 'receiving';
    bytes: number;
    total?: number;
  }) => void;
  /** A passing trouble, and what is done about it. */
  onTrouble?: (text: string) => void;
  /** Something worth knowing. */
  onNote?: (text: string) => void;
  /** A batch as it was a moment ago. */
  onLook?: (shard: string, batch: Batch) => void;
  /** What the program does that takes a while: rows of `doing` so far. */
  onWork?: (doing: string, rows: number) => void;
}

/** A run that a process works on. */
export interface RunContext {
  settings: RunSettings;
  paths: RunPaths;
  state: RunState;
  journal: Journal;
  session: ProviderSession;
  responseModel: ResponseModel | undefined;
  prices: PriceList | undefined;
  listener: RunListener;
  signal: AbortSignal;
  /** Pauses that tests make short. */
  pace: RunPace;
}

/** How long things are waited for. Milliseconds. */
export interface RunPace {
  /** How long after its creation a batch may take to appear in the provider's list. */
  settleMs: number;
  /** A fixed pause between two looks at the batches; without, it grows, and the provider's wish counts. */
  pollMs?: number;
  /** The first and the longest pause after a failure that passes. */
  firstPauseMs: number;
  longestPauseMs: number;
}

export const DEFAULT_PACE: RunPace = {
  settleMs: 10_000,
  firstPauseMs: 1000,
  longestPauseMs: 300_000,
};

/** Writes an event to disk, then takes it as given. */
export async function record(run: RunContext, event: RunEvent): Promise<void> {
  const recorded = await run.journal.append(event);
  run.state.apply(recorded);
  run.listener.onEvent?.(recorded, run.state);
}

/** What requests of the run are made for. */
export async function requestTarget(run: RunContext): Promise<RequestTarget> {
  const provider: BatchProvider = await run.session.local();
  const { declaration } = run.session;
  const { model, endpoint } = run.settings;
  return { provider, declaration, model, endpoint, responseModel: run.responseModel };
}

/** What a batch of the run holds at most: the provider's limits, or less if the user wants. */
export function batchLimits({ settings, session }: Pick<RunContext, 'settings' | 'session'>): {
  requests?: number;
  bytes?: number;
  tokens?: number;
} {
  const { limits } = session.declaration satisfies ProviderDeclaration;
  const { maxRequests, maxBytes, maxTokensPerBatch } = settings.limits;
  return {
    requests: least(limits.requests, maxRequests),
    bytes: least(limits.bytes, maxBytes),
    tokens: least(limits.tokens, maxTokensPerBatch),
  };
}

function least(...values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
