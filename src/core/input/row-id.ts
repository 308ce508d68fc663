import { cellOf } from '../../rows/cell-of.js';
import { ExactNumber } from '../../rows/exact-number.js';
import { isBroken } from '../safe-ids.js';
import { RowProblem } from './template.js';

/** What an id of a row without a column of ids begins with; its number follows. */
const NUMBERED = 'row-';

/** The id of a row: what its column says, else its place in the file, which stays whatever is chosen of the file. */
export function idOfRow(row: number, values: Record<string, unknown>, column: string | undefined): string {
  if (column === undefined) return `${NUMBERED}${row}`;
  const cell = cellOf(values, column);
  const value = cell instanceof ExactNumber ? cell.toString() : cell;
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new RowProblem(
      'invalid_id',
      `"${column}" is a number too large to be kept exactly: write it as a text`,
    );
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value === undefined || value === null || value === '')
    throw new RowProblem('missing_id', `has no "${column}"`);
  if (typeof value !== 'string')
    throw new RowProblem('invalid_id', `"${column}" is neither a text nor a number`);
  if (isBroken(value))
    throw new RowProblem('invalid_id', `"${column}" has half of a character in it, which no id can have`);
  return value;
}
