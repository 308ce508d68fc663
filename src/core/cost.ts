import type { ModelPrice, PriceList, Usage } from '@instructor-cli/provider-kit';

const MILLION = 1_000_000;

/** US dollars per million tokens of each kind, as they are billed. */
interface Rates {
  input: number;
  cachedInput: number;
  output: number;
}

/** Looked up for every row, and there are few models. */
const found = new WeakMap<PriceList, Map<string, ModelPrice | undefined>>();

/** The price of a model: the first whose pattern matches its name. Undefined: nobody knows it. */
export function priceOf(prices: PriceList, model: string): ModelPrice | undefined {
  const known = found.get(prices) ?? new Map<string, ModelPrice | undefined>();
  if (!known.has(model)) {
    known.set(
      model,
      prices.models.find(({ match }) => new RegExp(match, 'i').test(model)),
    );
    found.set(prices, known);
  }
  return known.get(model);
}

/**
 * What one request costs in US dollars. Only for a single one: a threshold looks at its input, which a sum over many
 * would pass. Undefined where the model's price or a count that matters is unknown.
 */
export function costOf(
  prices: PriceList,
  model: string,
  usage: Usage,
  { batch }: { batch: boolean },
): number | undefined {
  const price = priceOf(prices, model);
  if (!price) return undefined;
  const { cachedInputTokens = 0 } = usage;
  // Embeddings have no output, and say nothing about it.
  const outputTokens = usage.outputTokens ?? (price.output === 0 ? 0 : undefined);
  const inputTokens = usage.inputTokens ?? (price.input === 0 ? 0 : undefined);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const rates = ratesFor(prices, price, inputTokens, batch);
  const cached = Math.min(cachedInputTokens, inputTokens);
  return (
    ((inputTokens - cached) * rates.input + cached * rates.cachedInput + outputTokens * rates.output) /
    MILLION
  );
}

function ratesFor(prices: PriceList, price: ModelPrice, inputTokens: number, batch: boolean): Rates {
  const long = price.above && inputTokens > price.above.inputTokens ? price.above : undefined;
  const { input, output, cachedInput } = long ?? price;
  if (!batch) return { input, output, cachedInput: cachedInput ?? input };
  // Prices of their own in a batch are those of ordinary requests.
  const own = long ? {} : (price.batch ?? {});
  const batchInput = own.input ?? input * prices.batchFactor;
  const discounted = prices.batchFactorOnCached ? prices.batchFactor : 1;
  return {
    input: batchInput,
    output: own.output ?? output * prices.batchFactor,
    cachedInput: own.cachedInput ?? (cachedInput === undefined ? batchInput : cachedInput * discounted),
  };
}
