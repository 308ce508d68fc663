import type { Output } from '../rows/output-file.js';
import type { Cell, ResultColumn } from './result-columns.js';
import type { TableWriter } from './table-results.js';

/** A spreadsheet takes a cell that begins like this for a formula, whatever stands in it. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Writes a table as CSV. Cells that would be run as formulas get an apostrophe in front, unless that is unwanted. */
export async function csvWriter(
  output: Output,
  columns: readonly ResultColumn[],
  { escapeFormulas = true }: { escapeFormulas?: boolean },
): Promise<TableWriter> {
  const { stringify } = await import('csv-stringify/sync');
  const toText = (cell: Cell | undefined): string => {
    const text = cell === undefined ? '' : String(cell);
    return escapeFormulas && typeof cell === 'string' && FORMULA.test(text) && !NUMBER.test(text)
      ? `'${text}`
      : text;
  };
  const write = async (rows: (Cell | undefined)[][]): Promise<void> => {
    const full = output.write(stringify(rows.map((row) => row.map(toText))));
    if (full) await full;
  };
  await write([columns.map(({ name }) => name)]);
  return { add: write, finish: () => Promise.resolve() };
}
