import { expect } from 'chai';
import type { Batch } from '@instructor-cli/provider-kit';
import { RunState } from '../../../src/runs/store/run-state.js';
import type { RecordedEvent } from '../../../src/runs/store/events.js';
import { timeLeft, type TimeLeft } from '../../../src/runs/tell/time-left.js';
import { makeBatch } from '../../core/support/fake-provider.js';
import { endedEvent, plannedEvent, sentEvents, shard } from '../support/fake-run.js';

/** The moment of all events. */
const NOW = Date.parse('2026-11-22T14:05:09.000Z');
const before = (seconds: number): Date => new Date(NOW - seconds * 1000);

describe('the time that a run still takes', () => {
  const left = (
    events: RecordedEvent[],
    looks: Record<string, Partial<Batch>> = {},
    past: number[] = [],
  ): TimeLeft | undefined => {
    const history = past.map((seconds) => ({ provider: 'p', model: 'm', requests: 1, seconds, ended: '' }));
    const known = new Map(Object.entries(looks).map(([id, look]) => [id, makeBatch(look)]));
    return timeLeft({ shards: RunState.of(events).active, looks: known, history, atOnce: 50, now: NOW });
  };
  const one = [plannedEvent(shard('s1')), ...sentEvents('s1')];

  it('is unknown without anything to judge by, and when nothing is left', () => {
    expect(left(one)).to.equal(undefined);
    expect(left([...one, endedEvent('s1')])).to.equal(undefined);
  });

  it('follows from the progress of the batch, and says so', () => {
    const look = { times: { started: before(60) }, requests: { total: 100, succeeded: 20, failed: 5 } };
    expect(left(one, { s1: look })).to.include({ seconds: 180, by: 'progress' });
    const barely = { times: { started: before(60) }, requests: { total: 100, succeeded: 1 } };
    expect(left(one, { s1: barely })).to.equal(undefined);
  });

  it('follows from earlier runs, with the range of half of them, and is never below zero', () => {
    const times = [100, 200, 300, 400];
    const look = { times: { created: before(50) } };
    expect(left(one, { s1: look }, times)).to.deep.equal({
      seconds: 250,
      from: 150,
      to: 350,
      by: 'earlier runs',
      batches: 4,
    });
    const late = { times: { created: before(5000) } };
    expect(left(one, { s1: late }, times)).to.include({ seconds: 0, from: 0, to: 0 });
  });

  it('prefers the batches of the run itself to those of earlier ones', () => {
    const plan = plannedEvent(shard('s1'), shard('s2'));
    const done = endedEvent('s1', { created: before(100).toISOString(), ended: before(60).toISOString() });
    const events = [plan, ...sentEvents('s1'), done, ...sentEvents('s2')];
    expect(left(events, {}, [1000])).to.include({ seconds: 40, by: 'this run', batches: 1 });
  });
});
