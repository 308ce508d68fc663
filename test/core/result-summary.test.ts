import { expect } from 'chai';
import type { BatchResult } from '../../src/core/result-row.js';
import { ResultSummary } from '../../src/core/result-summary.js';

function good(customId: string): BatchResult {
  return {
    customId,
    outcome: 'succeeded',
    success: true,
    result: 1,
    usage: { inputTokens: 3, outputTokens: 2 },
  };
}

function bad(customId: string, type: string, message: string): BatchResult {
  return { customId, outcome: 'errored', success: false, error: { type, message } };
}

describe('the summary of results', () => {
  it('counts every row once, by outcome, in a fixed order', () => {
    const summary = new ResultSummary();
    for (const row of [bad('b', 't', 'm'), good('a'), good('c')]) summary.add(row);
    expect(summary).to.include({ total: 3, succeeded: 2, flawless: false });
    expect(summary.counts).to.deep.equal([
      ['succeeded', 2],
      ['errored', 1],
    ]);
  });

  it('adds tokens up, also those of rows that failed', () => {
    const summary = new ResultSummary();
    summary.add(good('a'));
    summary.add({
      ...bad('b', 't', 'm'),
      usage: { inputTokens: 10, cachedInputTokens: 4, reasoningTokens: 1 },
    });
    expect(summary.usage).to.deep.equal({
      inputTokens: 13,
      cachedInputTokens: 4,
      outputTokens: 2,
      reasoningTokens: 1,
    });
  });

  it('groups failures by kind, the most frequent first, each with its first row', () => {
    const summary = new ResultSummary();
    summary.add(bad('x', 'rare', 'once'));
    const long = 'The request was refused because of the rule';
    for (let row = 0; row < 5; row += 1) summary.add(bad(`r${row}`, 'often', `${long} in row ${row}`));
    expect(summary.reasons.map(({ type, count, example }) => [type, count, example])).to.deep.equal([
      ['often', 5, 'r0'],
      ['rare', 1, 'x'],
    ]);
  });

  it('keeps apart what has one type and different words', () => {
    const summary = new ResultSummary();
    summary.add(bad('a', 'schema_mismatch', 'age: expected number'));
    summary.add(bad('b', 'schema_mismatch', 'name: expected string'));
    expect(summary.reasons).to.have.length(2);
  });

  it('does not grow without end when every message is another', () => {
    const summary = new ResultSummary();
    for (let row = 0; row < 5000; row += 1) summary.add(bad(`r${row}`, 't', `${row} is odd`));
    expect(summary.reasons).to.have.length(1000);
    expect(summary.total).to.equal(5000);
  });

  for (const field of ['unreadableLines', 'unaccounted'] as const) {
    it(`is not flawless with ${field}`, () => {
      const summary = new ResultSummary();
      summary.add(good('a'));
      expect(summary.flawless).to.equal(true);
      summary[field] = 1;
      expect(summary.flawless).to.equal(false);
    });
  }
});
