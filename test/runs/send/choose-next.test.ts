import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { chooseNext, type NextStep, type SenderMemory } from '../../../src/runs/send/choose-next.js';
import type { RecordedEvent, RunEvent } from '../../../src/runs/store/events.js';
import type { RunLimits, RunPolicy } from '../../../src/runs/store/run-settings.js';
import { RunState } from '../../../src/runs/store/run-state.js';
import type { RunContext } from '../../../src/runs/run-context.js';
import {
  at,
  collectedEvent,
  endedEvent,
  fakeRun,
  plannedEvent,
  sentEvents,
  settings,
  shard,
} from '../support/fake-run.js';

const NOW = 1_000_000;
const obstacle = (id: string, kind: 'queue_full' | 'batch_too_large'): RecordedEvent =>
  at({ event: 'refused', shard: id, nonce: 'n', code: 'x', message: `${kind}!`, obstacle: kind });
const lost = (id: string): RecordedEvent => sentEvents(id)[0] as RecordedEvent;
const plan = plannedEvent(shard('s1', { tokens: 10, mostUsd: 1 }), shard('s2', { tokens: 10, mostUsd: 1 }));

describe('what a run sends next', () => {
  let folder: string;
  let base: RunContext;
  let close: () => Promise<void>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-next-'));
    ({ run: base, close } = await fakeRun({ folder, events: [] }));
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  interface Facts {
    policy?: Partial<RunPolicy>;
    limits?: RunLimits;
    pauses?: Record<string, number>;
    fullSince?: Record<string, number>;
    ended?: number;
  }

  const next = (events: RecordedEvent[], facts: Facts = {}): NextStep => {
    const { policy, limits, pauses = {}, fullSince = {}, ended = 0 } = facts;
    const memory: SenderMemory = {
      pauses: new Map(Object.entries(pauses)),
      fullSince: new Map(Object.entries(fullSince)),
      ended,
      stopping: false,
    };
    return chooseNext(
      { ...base, settings: settings(policy, limits), state: RunState.of(events) },
      memory,
      NOW,
    );
  };
  /** The step in short: what, and with which shard or why. */
  const short = (step: NextStep): string =>
    `${step.do} ${'shard' in step ? step.shard.id : 'why' in step ? step.why : 'message' in step ? step.message : ''}`.trim();

  it('sends shards in their order, then nothing', () => {
    expect(short(next([plan]))).to.equal('send s1');
    expect(short(next([plan, ...sentEvents('s1')]))).to.equal('send s2');
    expect(short(next([plan, ...sentEvents('s1'), ...sentEvents('s2')]))).to.equal('nothing');
  });

  it('settles a batch of unknown fate before anything else', () => {
    expect(short(next([plan, lost('s2')]))).to.equal('settle s2');
    expect(short(next([plan, lost('s2')], { pauses: { s2: NOW + 5 } }))).to.equal('send s1');
  });

  it('never waits without a time while the fate of a batch is unknown', () => {
    const pauses = { s1: NOW + 5 };
    const step = { do: 'wait', why: 'the list of the provider', until: NOW + 5 };
    expect(next([plan, lost('s1')], { pauses, limits: { maxInFlight: 1 } })).to.deep.equal(step);
    expect(next([plan, lost('s1')], { pauses, limits: { maxTokensInFlight: 10 } })).to.deep.equal(step);
    expect(next([plan, lost('s1')], { pauses, policy: { maxCostUsd: 1.5 } })).to.deep.equal(step);
    expect(next([plan, lost('s1'), ...sentEvents('s2')], { pauses })).to.deep.equal(step);
    const over: RunEvent[] = [{ event: 'cancelled' }, { event: 'deadline' }];
    for (const event of over) expect(next([plan, lost('s1'), at(event)], { pauses })).to.deep.equal(step);
  });

  it('stops where the user has to say which batch it is', () => {
    const events = [
      plan,
      lost('s1'),
      at({ event: 'undecided', shard: 's1', nonce: 'n', batches: ['a', 'b'] }),
    ];
    const step = next(events);
    expect(step).to.include({ do: 'stop', code: 'undecided' });
    expect(short(step)).to.include('a, b all fit');
  });

  it('sends nothing more of a run that was cancelled, or after the deadline', () => {
    expect(short(next([plan, at({ event: 'cancelled' })]))).to.equal('nothing');
    expect(short(next([plan, at({ event: 'deadline' })]))).to.equal('nothing');
  });

  it('sends the canary alone, and the rest when it was judged', () => {
    const events = [plannedEvent(shard('s1', { canary: true }), shard('s2'))];
    expect(short(next(events))).to.equal('send s1');
    events.push(...sentEvents('s1'));
    expect(short(next(events))).to.equal('wait the canary');
    events.push(endedEvent('s1'), collectedEvent('s1', 0));
    expect(short(next(events))).to.equal('wait the canary');
    const judged = (passed: boolean): RecordedEvent =>
      at({ event: 'canary', passed, failed: 0, requests: 2, message: '' });
    expect(short(next([...events, judged(false)]))).to.equal('wait the canary');
    expect(short(next([...events, judged(true)]))).to.equal('send s2');
  });

  it('waits for a pause, and for room among the batches in flight', () => {
    expect(next([plan], { pauses: { s1: NOW + 7 } })).to.deep.equal({
      do: 'wait',
      why: 'a pause',
      until: NOW + 7,
    });
    expect(short(next([plan], { pauses: { s1: NOW } }))).to.equal('send s1');
    expect(short(next([plan, ...sentEvents('s1')], { limits: { maxInFlight: 1 } }))).to.equal(
      'wait 1 batches in flight',
    );
  });

  it('halves what is too large for a batch, and gives up a single request', () => {
    expect(short(next([plan, obstacle('s1', 'batch_too_large')]))).to.equal('split s1');
    const single = plannedEvent(shard('s1', { requests: 1 }));
    expect(short(next([single, obstacle('s1', 'batch_too_large')]))).to.equal('give-up s1');
  });

  it('waits in a full queue until a batch of its own has ended', () => {
    const full = [plan, ...sentEvents('s1'), obstacle('s2', 'queue_full')];
    expect(short(next(full, { fullSince: { s2: 0 } }))).to.equal('wait room in the queue of the provider');
    expect(short(next(full, { fullSince: { s2: 0 }, ended: 1 }))).to.equal('send s2');
    expect(short(next(full)), 'another process found it full').to.equal('send s2');
  });

  it('tries again in a queue full of others, then halves, and gives a single request up after much patience', () => {
    const times = (count: number): RecordedEvent[] =>
      Array.from({ length: count }, () => obstacle('s1', 'queue_full'));
    expect(short(next([plan, ...times(2)]))).to.equal('send s1');
    expect(short(next([plan, ...times(3)]))).to.equal('split s1');
    const single = plannedEvent(shard('s1', { requests: 1 }));
    expect(short(next([single, ...times(20)]))).to.equal('send s1');
    expect(short(next([single, ...times(21)]))).to.equal('give-up s1');
  });

  it('does not run into a limit that it knows', () => {
    const limit = (fields: { tokens?: number; requests?: number }): RecordedEvent =>
      at({ event: 'limit', ...fields });
    expect(short(next([plan, limit({ tokens: 5 })]))).to.equal('split s1');
    expect(short(next([plan, limit({ requests: 1 })]))).to.equal('split s1');
    expect(short(next([plan, limit({ tokens: 10 })]))).to.equal('send s1');
    const sent = [plan, ...sentEvents('s1')];
    expect(short(next([...sent, limit({ tokens: 15 })]))).to.equal('wait room in the queue of the provider');
    expect(short(next([...sent, limit({ requests: 3 })]))).to.equal('wait room in the queue of the provider');
    expect(short(next([...sent, limit({ tokens: 20, requests: 4 })]))).to.equal('send s2');
    expect(short(next(sent, { limits: { maxTokensInFlight: 15 } }))).to.equal(
      'wait room in the queue of the provider',
    );
  });

  it('keeps the budget: what is in flight may cost its most, what has ended what it did', () => {
    const policy = { maxCostUsd: 1.5 };
    expect(short(next([plan], { policy }))).to.equal('send s1');
    expect(short(next([plan, ...sentEvents('s1')], { policy }))).to.equal(
      'wait what the batches in flight cost',
    );
    const ended = [plan, ...sentEvents('s1'), endedEvent('s1')];
    expect(short(next(ended, { policy }))).to.equal('wait what the batches in flight cost');
    expect(short(next([...ended, collectedEvent('s1', 0.4)], { policy }))).to.equal('send s2');
    const dear = next([...ended, collectedEvent('s1', 0.6)], { policy });
    expect(dear).to.include({ do: 'stop', code: 'budget' });
    expect(short(dear)).to.equal('stop The next shard may cost up to $1.0000, and $0.6000 of $1.5 are spent');
    expect(next([plan], { policy: { maxCostUsd: 0.5 } })).to.include({ do: 'stop', code: 'budget' });
    expect(next([plannedEvent(shard('s1'))], { policy })).to.include({ do: 'stop', code: 'budget' });
  });

  it('takes answers of unknown price, and a batch that is gone, for the most that they can have cost', () => {
    const policy = { maxCostUsd: 1.5 };
    const ended = [plan, ...sentEvents('s1'), endedEvent('s1')];
    expect(next([...ended, collectedEvent('s1')], { policy })).to.include({ do: 'stop', code: 'budget' });
    const gone = at({ event: 'vanished', shard: 's1', batch: 'batch_s1', message: 'gone' });
    expect(next([...ended, gone], { policy })).to.include({ do: 'stop', code: 'budget' });
  });
});
