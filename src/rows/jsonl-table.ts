import { InstructorError } from '../failure/instructor-error.js';
import { rowOfJson, type JsonRowOptions } from './json-row.js';
import { plainBytes } from './plain-bytes.js';
import { readLines } from './read-lines.js';
import { holdsSkippedRows } from './skipped-row.js';
import type { OpenTableOptions, Table, TableRow } from './table.js';

/** JSON Lines: one object a line. */
export function openJsonLines(path: string, name: string, options: OpenTableOptions): Table {
  const skipped = holdsSkippedRows(path);
  return {
    format: 'jsonl',
    // Its rows may come from a file of texts.
    untyped: skipped,
    notes: [],
    rows: () => rowsOf(path, name, { ...options, skipped }),
  };
}

async function* rowsOf(
  path: string,
  name: string,
  options: OpenTableOptions & JsonRowOptions,
): AsyncGenerator<TableRow[]> {
  const { signal } = options;
  let count = 0;
  for await (const { first, lines } of readLines(plainBytes(path, { signal, name }), name)) {
    const rows: TableRow[] = [];
    let line = first - 1;
    for (const text of lines) {
      line += 1;
      if (text === '' || text.trim() === '') continue;
      if (count === 0 && /^[[{]\s*$/.test(text)) throw severalLines(name);
      count += 1;
      rows.push(rowOfJson(text, count, line, options));
    }
    if (rows.length > 0) yield rows;
  }
}

function severalLines(name: string): InstructorError {
  return new InstructorError('input', `${name} is one JSON document over several lines, not JSON Lines`, {
    hint: 'If it is an array of objects, name it .json or say --input-format json',
  });
}
