import type { Random } from '../random.js';
import type { SchemaObject } from './schema-node.js';

const SPAN = 100;
const TRIES = 64;

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A number within the bounds of a schema. */
export function generateNumber(schema: SchemaObject, whole: boolean, random: Random): number {
  const inclusive = { low: numberOf(schema.minimum), high: numberOf(schema.maximum) };
  const exclusive = { low: numberOf(schema.exclusiveMinimum), high: numberOf(schema.exclusiveMaximum) };
  const step = numberOf(schema.multipleOf) ?? (whole ? 1 : undefined);

  const fits = (value: number): boolean =>
    value >= (inclusive.low ?? -Infinity) &&
    value <= (inclusive.high ?? Infinity) &&
    value > (exclusive.low ?? -Infinity) &&
    value < (exclusive.high ?? Infinity) &&
    (!whole || Number.isInteger(value)) &&
    (step === undefined || Number.isInteger(value / step));

  const low = Math.max(inclusive.low ?? -Infinity, exclusive.low ?? -Infinity);
  const high = Math.min(inclusive.high ?? Infinity, exclusive.high ?? Infinity);
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(0, high - SPAN) : 0;
  // A number that nothing bounds is often a share or a score: bounds may have been moved to the description.
  const span = step === undefined ? 1 : SPAN * Math.max(1, step);
  const to = Number.isFinite(high) ? high : Math.max(from, 0) + span;

  const draw = step === undefined ? () => fraction(from, to, random) : () => multiple(from, to, step, random);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const value = draw();
    if (fits(value)) return value;
  }
  return (
    [inclusive.low, inclusive.high, 0, (from + to) / 2].find((value) => value !== undefined && fits(value)) ??
    from
  );
}

/** Two decimals if the range is wide enough for them: `17.25` reads better than `17.249381749`. */
function fraction(from: number, to: number, random: Random): number {
  const exact = from + random.next() * (to - from);
  const rounded = Math.round(exact * 100) / 100;
  return rounded > from && rounded < to ? rounded : exact;
}

function multiple(from: number, to: number, step: number, random: Random): number {
  const count = random.integer(Math.ceil(from / step), Math.floor(to / step));
  const decimals = (String(step).split('.')[1] ?? '').length;
  // 3 * 0.1 is 0.30000000000000004: cut it to the decimals that the step has.
  return decimals > 0 ? Number((count * step).toFixed(decimals)) : count * step;
}
