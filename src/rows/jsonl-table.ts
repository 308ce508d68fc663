import { InstructorError } from '../failure/instructor-error.js';
import { rowOfJson } from './json-row.js';
import { plainBytes } from './plain-bytes.js';
import { readLines } from './read-lines.js';
import type { OpenTableOptions, Table, TableRow } from './table.js';

/** JSON Lines: one object a line. */
export function openJsonLines(path: string, name: string, { signal }: OpenTableOptions): Table {
  return {
    format: 'jsonl',
    untyped: false,
    notes: [],
    rows: () => rowsOf(path, name, signal),
  };
}

async function* rowsOf(path: string, name: string, signal?: AbortSignal): AsyncGenerator<TableRow[]> {
  let count = 0;
  for await (const { first, lines } of readLines(plainBytes(path, { signal, name }), name)) {
    const rows: TableRow[] = [];
    let line = first - 1;
    for (const text of lines) {
      line += 1;
      if (text === '' || text.trim() === '') continue;
      if (count === 0 && /^[[{]\s*$/.test(text)) throw severalLines(name);
      count += 1;
      rows.push(rowOfJson(text, count, line));
    }
    if (rows.length > 0) yield rows;
  }
}

function severalLines(name: string): InstructorError {
  return new InstructorError('input', `${name} is one JSON document over several lines, not JSON Lines`, {
    hint: 'If it is an array of objects, name it .json or say --input-format json',
  });
}
