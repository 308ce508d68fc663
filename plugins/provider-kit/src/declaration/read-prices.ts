import type { PriceList } from '../contract/prices.js';
import { isRecord, patternProblem } from './checks.js';

/** Reads a list of prices, which anybody may have written. Throws an error that names what is wrong with it. */
export function readPrices(value: unknown): PriceList {
  if (!isRecord(value)) throw new Error('it must be an object');
  const { date, source, batchFactor, batchFactorOnCached } = value;
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date))
    throw new Error('"date" must be a day such as 2026-11-22');
  if (typeof source !== 'string') throw new Error('"source" must be a text');
  if (!isPrice(batchFactor)) throw new Error('"batchFactor" must be a number of at least 0');
  if (typeof batchFactorOnCached !== 'boolean')
    throw new Error('"batchFactorOnCached" must be true or false');
  readModelPrices(value['models']);
  return value as unknown as PriceList;
}

/** Reads the models of such a list. */
export function readModelPrices(models: unknown): PriceList['models'] {
  if (!Array.isArray(models)) throw new Error('"models" must be a list');
  for (const [index, model] of models.entries()) checkModel(model, `models[${index}]`);
  return models as PriceList['models'];
}

function checkModel(model: unknown, at: string): void {
  if (!isRecord(model)) throw new Error(`${at} must be an object`);
  const { match, batch, above } = model;
  if (typeof match !== 'string' || patternProblem(match, at))
    throw new Error(`${at}.match must be a regular expression`);
  checkRates(model, at, ['input', 'output']);
  if (batch !== undefined) {
    if (!isRecord(batch)) throw new Error(`${at}.batch must be an object`);
    checkRates(batch, `${at}.batch`, []);
  }
  if (above !== undefined) {
    if (!isRecord(above)) throw new Error(`${at}.above must be an object`);
    checkRates(above, `${at}.above`, ['inputTokens', 'input', 'output']);
  }
}

/** US dollars per million tokens, for each kind of token. */
function checkRates(rates: Record<string, unknown>, at: string, required: readonly string[]): void {
  for (const name of ['inputTokens', 'input', 'cachedInput', 'output']) {
    if (rates[name] === undefined && !required.includes(name)) continue;
    if (!isPrice(rates[name])) throw new Error(`${at}.${name} must be a number of at least 0`);
  }
}

function isPrice(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
