import { JsonElements } from './json-elements.js';
import { rowOfJson } from './json-row.js';
import { plainBytes } from './plain-bytes.js';
import type { OpenTableOptions, Table, TableRow } from './table.js';

/** One JSON array of objects, which is never held as a whole. */
export function openJson(path: string, name: string, options: OpenTableOptions): Table {
  return {
    format: 'json',
    untyped: false,
    notes: [],
    rows: () => rowsOf(path, name, options),
  };
}

async function* rowsOf(
  path: string,
  name: string,
  { signal, exactNumbers }: OpenTableOptions,
): AsyncGenerator<TableRow[]> {
  const elements = new JsonElements(name);
  let count = 0;
  for await (const piece of plainBytes(path, { signal, name })) {
    const rows: TableRow[] = [];
    for (const { line, text } of elements.take(piece)) {
      count += 1;
      const empty = text.trim() === '';
      rows.push(
        empty
          ? { row: count, line, unreadable: 'a comma without a row', source: '' }
          : rowOfJson(text, count, line, { exactNumbers }),
      );
    }
    if (rows.length > 0) yield rows;
  }
  elements.end();
}
