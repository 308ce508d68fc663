import type { BatchResult } from './result-row.js';
import type { Cell, ColumnGroup, ColumnType, ResultColumns } from './result-columns.js';

/** What is known of each row, in the order in which it stands before the answer and behind it. */
export const HEAD = ['custom_id', 'outcome', 'success'];
export const TAIL = [
  'error_type',
  'error_message',
  'error_code',
  'answer',
  'input_tokens',
  'output_tokens',
  'model',
  'finish_reason',
];
/** Of several batches. */
export const ATTEMPTS = ['attempts', 'batch_id'];

/** Deeper ones are left as JSON: no table has columns for them. */
const DEEPEST = 8;

/** Turns a row into pairs of the number of a column and what stands there; empty cells are left out. */
export function cellsOf(row: BatchResult, columns: ResultColumns): Cell[] {
  const cells: Cell[] = [];
  const put = (group: ColumnGroup, name: string, value: unknown): void => {
    const [cell, type] = toCell(value);
    if (cell !== undefined) cells.push(columns.keyOf(group, name, type), cell);
  };
  for (const [name, value] of Object.entries(row.input ?? {})) put('input', name, value);
  put('head', 'custom_id', row.customId);
  put('head', 'outcome', row.outcome);
  put('head', 'success', row.success);
  if (row.success) {
    flatten(row.result, '', (name, value) => put('answer', name, value));
  } else {
    put('tail', 'error_type', row.error.type);
    put('tail', 'error_message', row.error.message);
    put('tail', 'error_code', row.error.code);
    put('tail', 'answer', row.answer);
  }
  put('tail', 'input_tokens', row.usage?.inputTokens);
  put('tail', 'output_tokens', row.usage?.outputTokens);
  put('tail', 'model', row.model);
  put('tail', 'finish_reason', row.finishReason);
  put('tail', 'attempts', row.attempts);
  put('tail', 'batch_id', row.batchId);
  return cells;
}

/** Fields of nested objects as `a.b`; lists stay together. */
function flatten(value: unknown, path: string, put: (name: string, value: unknown) => void, depth = 0): void {
  const fields = isPlainObject(value) && depth < DEEPEST ? Object.entries(value) : [];
  if (fields.length === 0) return put(path, value);
  for (const [name, field] of fields) flatten(field, path === '' ? name : `${path}.${name}`, put, depth + 1);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return 'toJSON' in value ? false : Object.keys(value).length > 0;
}

/** What a table can hold; a transform of the user's schema may have made anything. */
function toCell(value: unknown): [cell: Cell | undefined, type: ColumnType | undefined] {
  switch (typeof value) {
    case 'string':
      return [value, 'text'];
    case 'boolean':
      return [value, 'boolean'];
    case 'number':
      if (!Number.isFinite(value)) return [String(value), 'text'];
      return [value, Number.isSafeInteger(value) ? 'integer' : 'number'];
    case 'bigint':
      return [String(value), 'text'];
    case 'object':
      if (value === null) return [undefined, undefined];
      return value instanceof Date ? [dateText(value), 'text'] : [toJson(value), 'json'];
    default:
      return [undefined, undefined];
  }
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}

function toJson(value: object): string {
  const plain = value instanceof Map || value instanceof Set ? [...value] : value;
  return JSON.stringify(plain, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
}
