import type { TableRow } from './table.js';

/** A row from the text of one JSON value. */
export function rowOfJson(text: string, row: number, line: number): TableRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { row, line, unreadable: `not valid JSON: ${(error as Error).message}`, source: text };
  }
  // The short form of a conversation.
  if (Array.isArray(value)) return { row, line, values: { messages: value } };
  if (typeof value === 'object' && value !== null) {
    return { row, line, values: value as Record<string, unknown> };
  }
  return {
    row,
    line,
    unreadable: `is ${value === null ? 'null' : `a ${typeof value}`}, not an object`,
    source: text,
  };
}
