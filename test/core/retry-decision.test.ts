import type { Outcome, RowError } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import type { BatchError, BatchResult } from '../../src/core/result-row.js';
import { decideRetry, type RetryRules } from '../../src/core/retry-decision.js';

const rules = (change: Partial<RetryRules> = {}): RetryRules => ({
  outcomes: new Set<Outcome>(['errored', 'expired', 'cancelled', 'missing']),
  includeLasting: false,
  reask: false,
  maxAttempts: 3,
  ...change,
});

function failed(outcome: BatchError['outcome'], error: Partial<RowError> = {}): BatchError {
  return {
    customId: 'a',
    outcome,
    success: false,
    error: { type: outcome, message: 'it went wrong', ...error },
  };
}

describe('which rows are asked again', () => {
  it('goes by the status of an error if the provider does not say whether it passes', () => {
    for (const status of [0, 408, 409, 429, 500, 529])
      expect(decideRetry(failed('errored', { status }), rules(), 1), String(status)).to.deep.equal({ act: 'again' }); // prettier-ignore
    for (const status of [400, 401, 404, 422])
      expect(decideRetry(failed('errored', { status }), rules(), 1).act, String(status)).to.equal('leave');
    const known = failed('errored', { status: 400, retryable: true });
    expect(decideRetry(known, rules(), 1).act).to.equal('again');
  });

  it('says how to ask again what does not fit', () => {
    for (const outcome of ['invalid', 'truncated'] as const) {
      expect(decideRetry(failed(outcome), rules(), 1)).to.deep.equal({
        act: 'leave',
        why: 'it went wrong (--reask asks again)',
      });
      expect(decideRetry(failed(outcome), rules({ reask: true }), 1).act).to.equal('reask');
    }
  });

  it('goes on with a conversation that broke off on an error, under --reask', () => {
    const before: BatchResult = failed('invalid');
    const row = {
      ...failed('errored', { status: 500 }),
      otherAttempts: [{ batchId: 'first', row: before }],
    };
    expect(decideRetry(row, rules({ reask: true }), 2).act).to.equal('reask');
    expect(decideRetry(row, rules(), 2).act).to.equal('again');
    expect(decideRetry(row, rules({ reask: true, outcomes: new Set() }), 2).act).to.equal('leave');
  });

  it('leaves alone what was asked often enough, and says how often', () => {
    expect(decideRetry(failed('missing'), rules(), 3)).to.deep.equal({
      act: 'leave',
      why: 'asked 3 times already: it went wrong',
    });
    expect(decideRetry(failed('missing'), rules({ maxAttempts: 1 }), 1)).to.have.property(
      'why',
      'asked once already: it went wrong',
    );
    expect(decideRetry(failed('missing'), rules(), 2).act).to.equal('again');
  });
});
