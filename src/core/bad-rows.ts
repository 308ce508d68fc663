import type { SkippedRow } from '../rows/skipped-row.js';
import type { InputRow } from './create-requests.js';
import type { LineProblem } from './request-problems.js';

/** What is wrong with a row that could not be read, or not be made a request of. */
export function problemOf(
  row: Extract<InputRow, { unreadable: string } | { problem: unknown }>,
): LineProblem {
  const { line } = row;
  if ('problem' in row) return { line, ...row.problem };
  return { line, code: 'invalid_json', message: `not valid JSON: ${row.unreadable}` };
}

/** What is left when every row is left out: the file beside the output would have no output to be beside. */
export function noGoodRow(first: LineProblem, rows: number): LineProblem {
  const message =
    rows === 1
      ? `its only row is bad: ${first.message}`
      : `all of its ${rows} rows are bad; this one: ${first.message}`;
  return { ...first, message };
}

/** A row that was left out, with what is wrong, in a form that can be mended and given as input again. */
export function toBadRow(row: InputRow, { code, message }: LineProblem, places: 'line' | 'row'): SkippedRow {
  const source = row.source ?? ('value' in row ? row.value : null);
  const line = places === 'line' ? row.line : undefined;
  return { line, row: places === 'row' ? row.line : row.row, code, problem: message, source };
}
