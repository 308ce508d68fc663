import { expect } from 'chai';
import { toMoment, toSeconds } from '../../src/cli/duration.js';
import { failureOf } from '../support/failure-of.js';

describe('durations', () => {
  for (const [text, seconds] of [
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['7d', 604_800],
    ['2w', 1_209_600],
    ['1.5h', 5400],
    [' 5m ', 300],
    ['0', 0],
  ] as const) {
    it(`are read: "${text}"`, () => {
      expect(toSeconds(text, 'expires-after')).to.equal(seconds);
    });
  }

  for (const text of ['', 'x', '-5', '5y', '5 h', '1h30m', '1e3', 'Infinity', '.5h']) {
    it(`are refused: "${text}"`, async () => {
      const failure = await failureOf(() => toSeconds(text, 'expires-after'));
      expect(failure.kind).to.equal('usage');
      expect(failure.message).to.equal(`--expires-after "${text}" is not a duration`);
    });
  }
});

describe('moments', () => {
  const now = Date.UTC(2026, 10, 22, 12);

  it('are so long ago', () => {
    expect(toMoment('2h', 'since', now).getTime()).to.equal(now - 7_200_000);
    expect(toMoment('7d', 'since', now).getTime()).to.equal(now - 7 * 86_400_000);
  });

  it('are dates: the start of the day here', () => {
    expect(toMoment('2026-11-20', 'since')).to.deep.equal(new Date(2026, 10, 20));
  });

  it('are times of a day, here or with a zone', () => {
    expect(toMoment('2026-11-20T10:30', 'since')).to.deep.equal(new Date(2026, 10, 20, 10, 30));
    expect(toMoment('2026-11-20 10:30', 'since')).to.deep.equal(new Date(2026, 10, 20, 10, 30));
    expect(toMoment('2026-11-20T10:30:00Z', 'since').getTime()).to.equal(Date.UTC(2026, 10, 20, 10, 30));
    expect(toMoment('2026-11-20T10:30+02:00', 'since').getTime()).to.equal(Date.UTC(2026, 10, 20, 8, 30));
  });

  for (const text of [
    '',
    'yesterday',
    '5',
    'batch 1',
    '2026',
    '2026-13-01',
    '2026-11-20T25:00',
    '22.11.2026',
    'h',
  ]) {
    it(`are not guessed: "${text}"`, async () => {
      const failure = await failureOf(() => toMoment(text, 'since'));
      expect(failure.kind).to.equal('usage');
      expect(failure.message).to.equal(`--since "${text}" is not a time`);
      expect(failure.hint).to.contain('2h, 7d, 2026-11-22');
    });
  }
});
