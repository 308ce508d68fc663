import type { Output } from '../rows/output-file.js';
import { openParquet } from '../rows/parquet-output.js';
import type { Cell, ResultColumn } from './result-columns.js';
import type { TableWriter } from './table-results.js';

/** Writes a table as Parquet. A column whose cells are of several types holds texts. */
export async function parquetWriter(output: Output, columns: readonly ResultColumn[]): Promise<TableWriter> {
  const file = await openParquet(output, [...columns]);
  const toCell = (cell: Cell | undefined, at: number): unknown => {
    if (cell === undefined) return cell;
    if (columns[at]?.type === 'json') return JSON.parse(String(cell)) as unknown;
    return columns[at]?.type === 'text' ? String(cell) : cell;
  };
  return {
    async add(rows: (Cell | undefined)[][]) {
      for (const row of rows) {
        const full = file.add(Array.from(row, toCell));
        if (full) await full;
      }
    },
    finish: () => file.finish(),
  };
}
