import { expect } from 'chai';
import type { RunEvent } from '../../../src/runs/store/events.js';
import { RunState } from '../../../src/runs/store/run-state.js';
import { statusOf } from '../../../src/runs/tell/run-summary.js';
import { at, collectedEvent, endedEvent, plannedEvent, sentEvents, shard } from '../support/fake-run.js';

const LATER = '2026-11-22T15:00:00.000Z';
const file = { kind: 'input' as const, id: 'file-1' };

describe('what the journal of a run comes to', () => {
  /** The state after a plan of s1 and s2, and these events. */
  const after = (...events: RunEvent[]): RunState =>
    RunState.of([plannedEvent(shard('s1'), shard('s2')), ...events.map((event) => at(event))]);
  const submitting: RunEvent = { event: 'submitting', shard: 's1', nonce: 'n', sha256: '' };
  const phaseAfter = (...events: RunEvent[]): string => after(...events).shard('s1').phase;

  it('follows a shard from its plan to its answers', () => {
    const state = RunState.of([plannedEvent(shard('s1'))]);
    expect([state.planned, statusOf(state), state.shard('s1').phase]).to.deep.equal([
      true,
      'planned',
      'waiting',
    ]);
    const phases = [...sentEvents('s1'), endedEvent('s1', { files: [file] }), collectedEvent('s1', 0.5)].map(
      (event) => {
        state.apply(event);
        return state.shard('s1').phase;
      },
    );
    expect(phases).to.deep.equal(['uncertain', 'running', 'ended', 'collected']);
    expect(state.shard('s1')).to.include({ batch: 'batch_s1', nonce: 'n.s1', succeeded: 2, usd: 0.5 });
    expect([...state.uploads], 'the input file is to be removed').to.deep.equal(['file-1']);
    expect(state.spentUsd).to.equal(0.5);
  });

  it('knows the fate of a shard whose creation was not answered', () => {
    expect(phaseAfter(submitting)).to.equal('uncertain');
    expect(phaseAfter(submitting, { event: 'lost', shard: 's1', nonce: 'n', message: 'x' })).to.equal(
      'uncertain',
    );
    expect(
      phaseAfter(submitting, { event: 'found', shard: 's1', nonce: 'n', batch: 'b', by: 'metadata' }),
    ).to.equal('running');
    expect(phaseAfter(submitting, { event: 'absent', shard: 's1', nonce: 'n' })).to.equal('waiting');
    const suspected = after(submitting, { event: 'suspected', shard: 's1', nonce: 'n', batches: ['a', 'b'] });
    expect(suspected.shard('s1')).to.deep.include({ phase: 'suspected', suspects: ['a', 'b'] });
    const undecided = after(submitting, { event: 'undecided', shard: 's1', nonce: 'n', batches: ['a'] });
    expect(undecided.shard('s1')).to.deep.include({ phase: 'undecided', suspects: ['a'] });
  });

  it('counts the time of doubt anew when a process takes the run up', () => {
    const state = after(submitting, { event: 'stopped', code: 'failed', message: 'x' });
    expect(statusOf(state)).to.equal('stopped');
    state.apply(at({ event: 'resumed', version: '1', pid: 1 }, LATER));
    expect(state.shard('s1').unsureSince).to.equal(LATER);
    expect(state.shard('s1').submittingAt).to.not.equal(LATER);
    expect([state.stopped, statusOf(state)]).to.deep.equal([undefined, 'running']);
  });

  it('keeps an upload for the next try, and counts how often something was in the way', () => {
    const refused: RunEvent = {
      event: 'refused', shard: 's1', nonce: 'n', code: 'rate_limited', message: 'full', obstacle: 'queue_full', uploaded: file,
    }; // prettier-ignore
    const state = after(
      submitting,
      { event: 'uploaded', shard: 's1', nonce: 'n', file },
      refused,
      submitting,
      refused,
    );
    expect(state.shard('s1').uploaded).to.deep.equal(file);
    expect(state.shard('s1').obstacle).to.deep.equal({ kind: 'queue_full', message: 'full', times: 2 });
    const { uploaded: _gone, ...without } = refused;
    state.apply(at(without));
    expect(state.shard('s1').uploaded).to.equal(undefined);
  });

  it('has a failed batch wait again, without its old batch', () => {
    const state = after(submitting, { event: 'submitted', shard: 's1', nonce: 'n', batch: 'b' });
    state.apply(endedEvent('s1', { status: 'failed' }));
    state.apply(
      at({ event: 'returned', shard: 's1', batch: 'b', message: 'no', obstacle: 'batch_too_large' }),
    );
    expect(state.shard('s1')).to.include({ phase: 'waiting', batch: undefined, ended: undefined });
    expect(state.shard('s1').obstacle?.kind).to.equal('batch_too_large');
  });

  it('puts parts in the place of a shard, and leaves out rows that were refused', () => {
    const into = [shard('s3', { partOf: 's1' }), shard('s4', { partOf: 's1' })];
    const rows = [{ id: 'a', message: 'bad' }];
    const state = after(
      { event: 'rows-refused', shard: 's1', rows },
      { event: 'split', shard: 's1', into, why: 'x' },
    );
    expect(state.active.map(({ id }) => id)).to.deep.equal(['s2', 's3', 's4']);
    expect(state.refusedRows.get('a')).to.equal('bad');
  });

  it('gives up what is gone', () => {
    const gone = after({ event: 'vanished', shard: 's1', batch: 'b', message: 'it is gone' });
    expect(gone.shard('s1')).to.include({ phase: 'given-up', why: 'it is gone' });
    expect(after({ event: 'given-up', shard: 's1', why: 'too large' }).shard('s1').why).to.equal('too large');
  });

  it('remembers limits, the canary, approval, cancellation and the deadline', () => {
    const state = after(
      { event: 'begun', format: 1, version: '1', pid: 1 },
      { event: 'approved', by: 'flag' },
      { event: 'limit', tokens: 5 },
      { event: 'limit', requests: 7 },
      { event: 'canary', passed: true, failed: 0, requests: 2, message: 'well' },
      { event: 'cancelling', shard: 's1', batch: 'b', why: 'the deadline' },
      { event: 'deadline' },
      { event: 'cancelled' },
    );
    expect(state).to.include({
      approved: true,
      limitTokens: 5,
      limitRequests: 7,
      deadlineReached: true,
      cancelled: true,
    });
    expect(state.canary?.passed).to.equal(true);
    expect(state.shard('s1').cancelling).to.equal('the deadline');
    expect(statusOf(state)).to.equal('cancelled');
  });

  it('adds rounds, answers outside of batches, removed files and what was written', () => {
    const answers = { kind: 'output' as const, id: 'd', path: 'answers/direct.jsonl', bytes: 1, sha256: 's' };
    const hash = { bytes: 1, sha256: 's' };
    const state = after(
      { event: 'uploaded', shard: 's1', nonce: 'n', file },
      { event: 'removed', file: 'file-1' },
      { event: 'healed', round: 1, shards: [shard('s3', { round: 2 })], again: 2, reasked: 1 },
      { event: 'asking', rows: 2, requests: 'r', answers: 'a' },
      { event: 'asked', requests: 'r', file: answers, succeeded: 2, failed: 0, usd: 0.25 },
      { event: 'writing', output: '/out.csv' },
      { event: 'finished', rows: 4, outcomes: { succeeded: 4 }, results: hash, receipts: hash },
    );
    expect([state.uploads.size, state.round, state.healedRound, state.spentUsd]).to.deep.equal([
      0, 2, 1, 0.25,
    ]);
    expect(state.direct?.file).to.deep.equal(answers);
    expect([...state.wroteOutputs]).to.deep.equal(['/out.csv']);
    expect(statusOf(state)).to.equal('finished');
  });

  it('passes over events that it does not know, written by a later program of the same layout', () => {
    const strange = [{ event: 'danced', shard: 's1' }, { event: 'sang' }] as unknown as RunEvent[];
    expect(phaseAfter(...strange)).to.equal('waiting');
  });
});
