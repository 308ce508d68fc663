import type { RequestProblem } from '../contract/requests.js';

/** Bounds of a numeric parameter, both allowed themselves. */
export interface NumberRange {
  low: number;
  high?: number;
  whole?: boolean;
}

export type NumberRanges = Record<string, NumberRange>;

/** Numbers that are none, or lie outside of what the service takes. `at` is where they stand, such as `body`. */
export function rangeProblems(
  parameters: Record<string, unknown>,
  ranges: NumberRanges,
  at: string,
): RequestProblem[] {
  const problems: RequestProblem[] = [];
  // Over the few parameters of a request rather than over all that have a range: this runs once a row.
  for (const name in parameters) {
    const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
    if (!range) continue;
    const value = parameters[name];
    if (value === undefined || value === null || isWithin(value, range)) continue;
    const kind = range.whole ? 'a whole number' : 'a number';
    const bounds =
      range.high === undefined ? `of at least ${range.low}` : `from ${range.low} to ${range.high}`;
    problems.push({
      code: 'rejected_parameter',
      message: `${at}.${name}: ${JSON.stringify(value)} is not ${kind} ${bounds}`,
    });
  }
  return problems;
}

function isWithin(value: unknown, { low, high = Number.POSITIVE_INFINITY, whole }: NumberRange): boolean {
  return (
    typeof value === 'number' && value >= low && value <= high && (!whole || Number.isSafeInteger(value))
  );
}
