import { readFileBlocks } from '../rows/input-file.js';
import { openOutput, type Output } from '../rows/output-file.js';
import { readLines } from '../rows/read-lines.js';
import { temporaryFile } from '../rows/temporary-file.js';
import type { JsonSchema } from '@instructor-cli/provider-kit';
import { csvWriter } from './csv-results.js';
import { parquetWriter } from './parquet-results.js';
import { ATTEMPTS, cellsOf, HEAD, TAIL } from './result-cells.js';
import { fieldsOf, ResultColumns, type Cell, type ResultColumn } from './result-columns.js';
import type { BatchResult } from './result-row.js';
import type { ResultSink } from './write-results.js';

/** Takes rows whose cells stand in the order of the columns. */
export interface TableWriter {
  add(rows: (Cell | undefined)[][]): Promise<void>;
  finish(): Promise<void>;
}

export interface TableOptions {
  format: 'csv' | 'parquet';
  /** What answers look like, if that is known: their fields are columns, whatever comes. */
  schema?: JsonSchema;
  /** Columns of the input that answers are put beside. */
  inputColumns?: readonly string[];
  joined: boolean;
  /** There is more than one batch. */
  attempts: boolean;
  escapeFormulas?: boolean;
  /** Told of columns that had to be given another name. */
  onRenamed?: (from: string, to: string) => void;
}

/**
 * Writes results as a table. A table begins with its columns and, in Parquet, their types, and which ones there are
 * is known when all rows have gone by: until then the rows wait in a file.
 */
export async function tableSink(output: Output, options: TableOptions): Promise<ResultSink> {
  const columns = new ResultColumns(options.joined);
  presetColumns(columns, options);
  const file = await temporaryFile('rows.jsonl');
  const waiting = await openOutput(file.path);
  return {
    async add(rows: readonly BatchResult[]) {
      for (const row of rows) {
        const full = waiting.write(`${JSON.stringify(cellsOf(row, columns))}\n`);
        if (full) await full;
      }
    },
    async finish() {
      await waiting.commit();
      const { columns: final, renamed } = columns.finish();
      for (const { from, to } of renamed) options.onRenamed?.(from, to);
      const writer = await openWriter(output, final, options);
      for await (const rows of waitingRows(file.path, final)) await writer.add(rows);
      await writer.finish();
    },
    async close() {
      await waiting.discard();
      await file.remove();
    },
  };
}

/** Columns that are there even if nothing stands in them. */
function presetColumns(columns: ResultColumns, { inputColumns = [], schema, attempts }: TableOptions): void {
  for (const name of inputColumns) columns.keyOf('input', name);
  for (const name of HEAD) columns.keyOf('head', name);
  for (const name of fieldsOf(schema)) columns.keyOf('answer', name);
  for (const name of TAIL) columns.keyOf('tail', name);
  if (attempts) for (const name of ATTEMPTS) columns.keyOf('tail', name);
}

async function openWriter(
  output: Output,
  columns: readonly ResultColumn[],
  options: TableOptions,
): Promise<TableWriter> {
  return options.format === 'csv'
    ? await csvWriter(output, columns, options)
    : await parquetWriter(output, columns);
}

async function* waitingRows(
  path: string,
  columns: readonly ResultColumn[],
): AsyncGenerator<(Cell | undefined)[][]> {
  const places: number[] = [];
  for (const [place, { key }] of columns.entries()) places[key] = place;
  for await (const { lines } of readLines(readFileBlocks(path), path)) {
    const rows: (Cell | undefined)[][] = [];
    for (const line of lines) {
      if (line === '') continue;
      const cells = JSON.parse(line) as Cell[];
      const row = new Array<Cell | undefined>(columns.length);
      for (let at = 0; at < cells.length; at += 2) row[places[cells[at] as number] as number] = cells[at + 1];
      rows.push(row);
    }
    yield rows;
  }
}
