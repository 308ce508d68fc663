import { InstructorError } from '../failure/instructor-error.js';
import { readFileBlocks } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';
import { parseExactly } from '../rows/exact-number.js';
import { holdsSkippedRows, skippedRow } from '../rows/skipped-row.js';
import type { InputRow } from './create-requests.js';

/** Rows from a file of JSON Lines. */
export async function* rowsFromFile(path: string, signal?: AbortSignal): AsyncGenerator<InputRow[]> {
  const skipped = holdsSkippedRows(path);
  for await (const { first, lines } of readLines(readFileBlocks(path, { signal }), path)) {
    const rows: InputRow[] = [];
    let line = first - 1;
    for (const text of lines) {
      line += 1;
      if (text === '' || text.trim() === '') continue;
      if (line === 1 && /^[[{]\s*$/.test(text)) throw severalLines(path);
      try {
        rows.push({ line, value: valueOf(text, skipped) });
      } catch (error) {
        rows.push({ line, unreadable: (error as Error).message, source: text });
      }
    }
    yield rows;
  }
}

/** Of a row that was left out before it is the row inside; its text, if it was no JSON then. */
function valueOf(text: string, skipped: boolean): unknown {
  const value = parseExactly(text);
  const { source } = (skipped ? skippedRow(value) : undefined) ?? { source: value };
  return source !== value && typeof source === 'string' ? parseExactly(source) : source;
}

function severalLines(path: string): InstructorError {
  return new InstructorError('input', `${path} is one JSON document over several lines, not JSON Lines`, {
    hint: 'Write one conversation a line, such as with: jq -c .[] FILE',
  });
}

/** Rows that a program hands over, with ids of its own if it wants. */
export async function* rowsFromValues(
  values: Iterable<unknown> | AsyncIterable<unknown>,
  customIds?: readonly string[],
): AsyncGenerator<InputRow[]> {
  let index = 0;
  for await (const value of values) {
    const custom_id = customIds?.[index];
    index += 1;
    const row =
      custom_id === undefined
        ? value
        : Array.isArray(value)
          ? { messages: value, custom_id }
          : { ...(value as object), custom_id };
    yield [{ line: index, value: row }];
  }
}
