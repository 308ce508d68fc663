import { expect } from 'chai';
import { Histogram } from '../../src/core/histogram.js';

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('a histogram', () => {
  it('knows percentiles of small numbers exactly', () => {
    const histogram = of(Array.from({ length: 100 }, (_, index) => 100 - index));
    expect([0.01, 0.5, 0.95, 1].map((share) => histogram.percentile(share))).to.deep.equal([1, 50, 95, 100]);
    expect(of([0, 2047, 2047]).percentile(0.5)).to.equal(2047);
    expect(of([3]).percentile(0.5)).to.equal(3);
  });

  it('is less than a thousandth wrong for large ones', () => {
    for (const value of [2048, 2049, 4095, 4096, 99_999, 1_234_567, 2 ** 31 + 1, 2 ** 40 + 12_345]) {
      expect(of([value]).percentile(0.5)).to.be.within(value * 0.999, value);
    }
  });

  it('gives 0 for nothing', () => {
    expect(of([]).percentile(0.95)).to.equal(0);
  });
});
