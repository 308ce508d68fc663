import { parseExactly, stringifyExactly } from './exact-number.js';
import { skippedRow } from './skipped-row.js';
import type { TableRow } from './table.js';

/** How the text of a row is to be understood. */
export interface JsonRowOptions {
  /** The file is one of rows that were left out before: what counts is the row inside. */
  skipped?: boolean;
  /** Numbers that would be rounded come as `ExactNumber`; else as texts of their digits. */
  exactNumbers?: boolean;
}

/** A row from the text of one JSON value. */
export function rowOfJson(text: string, row: number, line: number, options: JsonRowOptions = {}): TableRow {
  let value: unknown;
  try {
    value = parseExactly(text, options.exactNumbers ? undefined : String);
  } catch (error) {
    return { row, line, unreadable: `not valid JSON: ${(error as Error).message}`, source: text };
  }
  const skipped = options.skipped ? skippedRow(value) : undefined;
  if (!skipped) return rowOfValue(value, text, { row, line });
  const { source } = skipped;
  const place = { row: skipped.row ?? row, line };
  // Its text, which was no JSON when it was left out; by now it may have been mended.
  if (typeof source === 'string')
    return rowOfJson(source, place.row, line, { exactNumbers: options.exactNumbers });
  if (Array.isArray(source) && source.every((cell) => typeof cell === 'string')) {
    return {
      ...place,
      unreadable: `${skipped.problem}: write its "source" as an object of columns`,
      source: source as string[],
    };
  }
  return rowOfValue(source, stringifyExactly(source), place);
}

function rowOfValue(value: unknown, text: string, place: { row: number; line: number }): TableRow {
  // The short form of a conversation.
  if (Array.isArray(value)) return { ...place, values: { messages: value } };
  if (typeof value === 'object' && value !== null) {
    return { ...place, values: value as Record<string, unknown> };
  }
  return {
    ...place,
    unreadable: `is ${value === null ? 'null' : `a ${typeof value}`}, not an object`,
    source: text,
  };
}
