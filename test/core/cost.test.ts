import { expect } from 'chai';
import type { PriceList, Usage } from '@instructor-cli/provider-kit';
import { costOf, priceOf } from '../../src/core/cost.js';

const MILLION = 1_000_000;
const prices: PriceList = {
  date: '2026-11-22',
  source: 'here',
  batchFactor: 0.5,
  batchFactorOnCached: true,
  models: [
    { match: '^small$', input: 1, cachedInput: 0.1, output: 4 },
    { match: '^small', input: 2, output: 8 },
    { match: '^old', input: 2, cachedInput: 1, output: 8, batch: { cachedInput: 1, output: 3 } },
    {
      match: '^long',
      input: 1,
      cachedInput: 0.1,
      output: 4,
      above: { inputTokens: 1000, input: 2, cachedInput: 0.2, output: 6 },
    },
    { match: '^vector', input: 1, output: 0 },
  ],
};
const cost = (model: string, usage: Usage, batch = false, list = prices) =>
  costOf(list, model, usage, { batch });
const million: Usage = { inputTokens: MILLION, outputTokens: MILLION };

describe('what a request costs', () => {
  it('is the price of its model, which the first pattern gives', () => {
    expect(priceOf(prices, 'small')).to.include({ input: 1 });
    expect(priceOf(prices, 'SMALL-2026')).to.include({ input: 2 });
    expect(priceOf(prices, 'small')).to.equal(priceOf(prices, 'small'));
    expect(cost('small', million)).to.equal(5);
    expect(cost('small', { inputTokens: 10, outputTokens: 5 })).to.be.closeTo(0.00003, 1e-12);
  });

  it('is half in a batch', () => {
    expect(cost('small', million, true)).to.equal(2.5);
  });

  it('is less for input that came from a cache', () => {
    const usage = { ...million, cachedInputTokens: MILLION / 2 };

    expect(cost('small', usage)).to.be.closeTo(0.5 + 0.05 + 4, 1e-9);
    expect(cost('small', usage, true)).to.be.closeTo((0.5 + 0.05 + 4) / 2, 1e-9);
    expect(cost('small', usage, true, { ...prices, batchFactorOnCached: false })).to.be.closeTo(
      (0.5 + 4) / 2 + 0.05,
      1e-9,
    );
  });

  it('is that of other input where a cache has no price', () => {
    const usage = { ...million, cachedInputTokens: MILLION };

    expect(cost('small-2', usage)).to.equal(10);
    expect(cost('small-2', usage, true)).to.equal(5);
    expect(cost('small-2', usage, true, { ...prices, batchFactorOnCached: false })).to.equal(5);
  });

  it('goes by prices of its own in a batch where there are some', () => {
    expect(cost('old', { ...million, cachedInputTokens: MILLION }, true)).to.equal(1 + 3);
    expect(cost('old', million, true)).to.equal(1 + 3);
    expect(cost('old', million)).to.equal(10);
  });

  it('is more for a long request, all of it', () => {
    expect(cost('long', { inputTokens: 1000, outputTokens: 0 })).to.be.closeTo(0.001, 1e-12);
    expect(cost('long', { inputTokens: 1001, outputTokens: 1000 })).to.be.closeTo(0.002002 + 0.006, 1e-12);
    expect(cost('long', { inputTokens: 2000, cachedInputTokens: 2000, outputTokens: 0 }, true)).to.be.closeTo(
      0.0002,
      1e-12,
    );
  });

  it('counts reasoning once: it is part of the output', () => {
    expect(cost('small', { ...million, reasoningTokens: MILLION })).to.equal(5);
  });

  it('needs no output where that is free', () => {
    expect(cost('vector', { inputTokens: MILLION })).to.equal(1);
  });

  it('is unknown rather than nothing', () => {
    expect(cost('other', million)).to.equal(undefined);
    expect(cost('small', {})).to.equal(undefined);
    expect(cost('small', { inputTokens: 5 })).to.equal(undefined);
    expect(cost('vector', { outputTokens: 5 })).to.equal(undefined);
  });

  it('never counts more from a cache than came in', () => {
    expect(cost('small', { inputTokens: 0, cachedInputTokens: 5, outputTokens: 0 })).to.equal(0);
  });
});
