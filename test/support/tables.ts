import { openTable } from '../../src/rows/open-table.js';
import type { OpenTableOptions, Table, TableRow } from '../../src/rows/table.js';

/** Opens a table and reads all of its rows. */
export async function readTable(
  path: string,
  options: OpenTableOptions = {},
): Promise<{ table: Table; rows: TableRow[] }> {
  const table = await openTable(path, options);
  const rows: TableRow[] = [];
  for await (const block of table.rows()) rows.push(...block);
  return { table, rows };
}

/** The values of the rows, or why they could not be read. */
export function valuesOf(rows: readonly TableRow[]): unknown[] {
  return rows.map((row) => ('values' in row ? row.values : row.unreadable));
}
