import type { BatchProvider, PriceList, ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { RunContext, RunPace } from '../../../src/runs/run-context.js';
import type { RecordedEvent, RunEvent, Shard } from '../../../src/runs/store/events.js';
import { Journal } from '../../../src/runs/store/journal.js';
import { runPaths } from '../../../src/runs/store/run-paths.js';
import type { RunLimits, RunPolicy, RunSettings } from '../../../src/runs/store/run-settings.js';
import { RunState } from '../../../src/runs/store/run-state.js';
import { openFake } from '../../core/support/fake-provider.js';

export function at(event: RunEvent, time = '2026-11-22T14:05:09.000Z'): RecordedEvent {
  return { at: time, ...event };
}

export function shard(id: string, fields: Partial<Shard> = {}): Shard {
  return {
    id,
    round: 1,
    file: `requests/${id}.jsonl`,
    requests: 2,
    bytes: 20,
    sha256: `hash of ${id}`,
    traits: [],
    list: 0,
    ...fields,
  };
}

export function plannedEvent(...shards: Shard[]): RecordedEvent {
  const requests = shards.reduce((sum, one) => sum + one.requests, 0);
  return at({ event: 'planned', shards, lists: 1, requests, skipped: 0, facts: { images: 0, notes: [] } });
}

/** The events that make a shard a batch. */
export function sentEvents(id: string, batch = `batch_${id}`): RecordedEvent[] {
  return [
    at({ event: 'submitting', shard: id, nonce: `n.${id}`, sha256: '' }),
    at({ event: 'submitted', shard: id, nonce: `n.${id}`, batch }),
  ];
}

export function endedEvent(id: string, fields: Record<string, unknown> = {}): RecordedEvent {
  const batch = {
    id: `batch_${id}`,
    status: 'completed' as const,
    rawStatus: 'done',
    requests: {},
    problems: [],
    files: [],
  };
  return at({ event: 'ended', shard: id, batch: { ...batch, ...fields } });
}

export function collectedEvent(id: string, usd?: number): RecordedEvent {
  return at({ event: 'collected', shard: id, batch: `batch_${id}`, files: [], succeeded: 2, failed: 0, usd });
}

export function settings(policy: Partial<RunPolicy> = {}, limits: RunLimits = {}): RunSettings {
  return {
    format: 1,
    version: '0.0.0',
    id: 'r1',
    name: 'run',
    created: '2026-11-22T14:05:09.000Z',
    provider: 'fake',
    model: 'm',
    input: { path: '/in.jsonl', name: 'in.jsonl', bytes: 0, sha256: '', kind: 'messages' },
    request: { maxTokens: { value: 10, explicit: false }, temperature: { value: 0, explicit: false } },
    submit: {},
    skipBadRows: false,
    limits,
    policy: {
      maxFailures: 0.1,
      reask: 0,
      maxAttempts: 3,
      deadlineConcurrency: 8,
      keepFiles: false,
      ...policy,
    },
    fingerprint: '',
  };
}

export interface FakeRunOptions {
  folder: string;
  events: RecordedEvent[];
  provider?: Partial<BatchProvider>;
  declared?: Partial<ProviderDeclaration>;
  policy?: Partial<RunPolicy>;
  limits?: RunLimits;
  prices?: PriceList;
  pace?: Partial<RunPace>;
}

/** A run on a provider of few words, with a journal of its own; `recorded` is what the work writes into it. */
export async function fakeRun(
  options: FakeRunOptions,
): Promise<{ run: RunContext; recorded: RecordedEvent[]; close: () => Promise<void> }> {
  const { folder, events, provider, declared, policy, limits, prices, pace } = options;
  const paths = runPaths(folder);
  const journal = await Journal.create(paths.journal);
  const recorded: RecordedEvent[] = [];
  const session = openFake(provider, declared);
  const remote = await session.local();
  session.remote = () => Promise.resolve(remote);
  return {
    run: {
      settings: settings(policy, limits),
      paths,
      state: RunState.of(events),
      journal,
      session,
      responseModel: undefined,
      prices,
      listener: { onEvent: (event) => void recorded.push(event) },
      signal: new AbortController().signal,
      pace: { settleMs: 0, firstPauseMs: 1, longestPauseMs: 10, ...pace },
    },
    recorded,
    close: () => journal.close(),
  };
}
