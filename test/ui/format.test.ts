import { expect } from 'chai';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMoment,
  formatTime,
  plural,
} from '../../src/ui/format.js';

const SECOND = 1000;
const HOUR = 3_600_000;

describe('formats', () => {
  it('of times are local and of fixed width', () => {
    expect(formatTime(new Date(2026, 0, 2, 3, 4, 5))).to.equal('01/02 03:04');
    expect(formatTime(undefined)).to.equal('N/A');
    expect(formatMoment(new Date(2026, 0, 2, 3, 4, 5))).to.equal('2026-01-02 03:04:05');
  });

  for (const [milliseconds, text] of [
    [-5000, '0s'],
    [0, '0s'],
    [59_400, '59s'],
    [59_600, '1m'],
    [60 * SECOND, '1m'],
    [HOUR - SECOND, '59m'],
    [HOUR, '1h'],
    [HOUR + 20 * 60 * SECOND, '1h 20m'],
    [24 * HOUR - SECOND, '23h 59m'],
    [24 * HOUR, '1d'],
    [52 * HOUR, '2d 4h'],
    [1000 * HOUR, '41d 16h'],
  ] as const) {
    it(`of durations: ${milliseconds} ms are ${text}`, () => {
      expect(formatDuration(milliseconds)).to.equal(text);
    });
  }

  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_999, '1.0 MB'],
    [209_715_200, '209.7 MB'],
    [999_999_999, '1.0 GB'],
    [5_250_000_000, '5.3 GB'],
  ] as const) {
    it(`of sizes: ${bytes} are ${text}`, () => {
      expect(formatBytes(bytes)).to.equal(text);
    });
  }

  it('of counts do not take unknown for zero', () => {
    expect(formatCount(undefined)).to.equal('-');
    expect(formatCount(0)).to.equal('0');
    expect(formatCount(1_234_567)).to.equal('1,234,567');
  });

  it('of nouns follow the count', () => {
    expect(['0', plural(0, 'row'), plural(1, 'row'), plural(5000, 'row')]).to.deep.equal([
      '0',
      '0 rows',
      '1 row',
      '5,000 rows',
    ]);
  });
});
