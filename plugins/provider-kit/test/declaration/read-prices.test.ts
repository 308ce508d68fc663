import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readPrices } from '@instructor-cli/provider-kit/declaration';
import { anyJson } from '../support/any-json.js';

const model = { match: '^m', input: 1, output: 2 };
const list = { date: '2026-11-22', source: 'here', batchFactor: 0.5, batchFactorOnCached: true };

describe('a list of prices', () => {
  for (const plugin of ['openai', 'anthropic']) {
    it(`is in order for ${plugin}, and no model is hidden behind another`, () => {
      const file = new URL(`../../../${plugin}/prices.json`, import.meta.url);
      const { models } = readPrices(JSON.parse(readFileSync(file, 'utf8')));

      expect(models.length).to.be.greaterThan(10);
      expect(new Set(models.map(({ match }) => match)).size).to.equal(models.length);
      for (const { match, input, cachedInput = 0, output } of models) {
        expect(match).to.match(/^\^.+\$$/);
        expect(cachedInput, match).to.be.lessThan(input);
        if (!match.includes('embedding')) expect(output, match).to.be.greaterThan(input);
      }
    });
  }

  const broken: [says: string, value: unknown][] = [
    ['must be an object', []],
    ['"date"', { ...list, date: 'today', models: [] }],
    ['"source"', { ...list, source: undefined, models: [] }],
    ['"batchFactor"', { ...list, batchFactor: -1, models: [] }],
    ['"batchFactorOnCached"', { ...list, batchFactorOnCached: 1, models: [] }],
    ['"models" must be a list', list],
    ['models[0] must be', { ...list, models: [null] }],
    ['models[1].match', { ...list, models: [model, { ...model, match: '(' }] }],
    ['models[0].input', { ...list, models: [{ match: '^m', output: 2 }] }],
    ['models[0].cachedInput', { ...list, models: [{ ...model, cachedInput: '1' }] }],
    ['models[0].batch.output', { ...list, models: [{ ...model, batch: { output: null } }] }],
    ['models[0].above.inputTokens', { ...list, models: [{ ...model, above: { input: 1, output: 1 } }] }],
  ];
  for (const [says, value] of broken) {
    it(`is refused if it is wrong: ${says}`, () => {
      expect(() => readPrices(value)).to.throw(says);
    });
  }

  it('can hold anything without harm', () => {
    for (const value of anyJson(['date', 'models', 'match', 'input', 'batch', 'above'], 500)) {
      expect(() => readPrices(value)).to.throw(Error);
      expect(() => readPrices({ ...list, models: [value] })).to.throw(Error);
    }
  });
});
