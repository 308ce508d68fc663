import type { ResponseModel } from '../schema/response-model.js';
import type { BatchResult } from './result-row.js';
import type { ResultEncoder } from './write-results.js';

const LEADING = ['custom_id', 'outcome', 'success'];
const TRAILING = [
  'error_type',
  'error_message',
  'error_code',
  'answer',
  'input_tokens',
  'output_tokens',
  'model',
  'finish_reason',
];

/**
 * Rows for a spreadsheet. With a response model its properties are columns of their own; values that are objects or
 * lists stay JSON. Cells that a spreadsheet would run as formulas are made harmless.
 */
export async function csvEncoder(responseModel: ResponseModel | undefined): Promise<ResultEncoder> {
  const { stringify } = await import('csv-stringify/sync');
  const properties = propertiesOf(responseModel);
  const columns = [...LEADING, ...(properties?.map((name) => `result.${name}`) ?? ['result']), ...TRAILING];
  const options = { escape_formulas: true, cast: { boolean: (value: boolean) => String(value) } };
  return {
    head: stringify([columns], options),
    encode: (rows) => [
      stringify(
        rows.map((row) => toCells(row, properties)),
        options,
      ),
    ],
    tail: '',
  };
}

function propertiesOf(responseModel: ResponseModel | undefined): string[] | undefined {
  const properties = responseModel?.jsonSchema['properties'];
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined;
}

function toCells(row: BatchResult, properties: readonly string[] | undefined): unknown[] {
  const result = row.success ? row.result : undefined;
  const results = properties
    ? properties.map((name) => toCell((result as Record<string, unknown> | undefined)?.[name]))
    : [toCell(result)];
  const error = row.success ? undefined : row.error;
  return [
    row.customId,
    row.outcome,
    row.success,
    ...results,
    error?.type,
    error?.message,
    error?.code,
    row.success ? beyondColumns(result, properties) : toCell(row.answer),
    row.usage?.inputTokens,
    row.usage?.outputTokens,
    row.model,
    row.finishReason,
  ];
}

/** A result that the columns cannot hold in full, after a transform of its shape for example, is shown whole. */
function beyondColumns(result: unknown, properties: readonly string[] | undefined): unknown {
  if (!properties) return undefined;
  const fits =
    typeof result === 'object' &&
    result !== null &&
    !Array.isArray(result) &&
    Object.keys(result).every((key) => properties.includes(key));
  return fits ? undefined : toCell(result);
}

function toCell(value: unknown): unknown {
  if (value instanceof Date) return value.toJSON();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
