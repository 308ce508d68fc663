import { openCsv } from './csv-table.js';
import { openJson } from './json-table.js';
import { openJsonLines } from './jsonl-table.js';
import { openParquetTable } from './parquet-table.js';
import { formatOf } from './table-format.js';
import type { OpenTableOptions, Table } from './table.js';

/**
 * Opens a file of rows; `-` is standard input, whose format has to be given. Text may be packed with gzip. Only what
 * the columns need is read before rows are asked for.
 */
export async function openTable(path: string, options: OpenTableOptions = {}): Promise<Table> {
  const format = options.format ?? formatOf(path);
  const name = path === '-' ? 'standard input' : path;
  options.signal?.throwIfAborted();
  switch (format) {
    case 'jsonl':
      return openJsonLines(path, name, options);
    case 'json':
      return openJson(path, name, options);
    case 'csv':
    case 'tsv':
      return await openCsv(path, name, format, options);
    case 'parquet':
      return await openParquetTable(path, name, options);
  }
}
