import type { Batch } from '@instructor-cli/provider-kit';
import { openOutput, requireOtherFile, type Output } from '../rows/output-file.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { ResultsOptions } from './batch-processor-options.js';
import type { BatchProcessor } from './batch-processor.js';
import { jsonSink } from './json-results.js';
import type { BatchResult } from './result-row.js';
import { tableSink } from './table-results.js';

export const RESULT_FORMATS = ['jsonl', 'json', 'csv', 'parquet'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** The form that the ending of a name asks for. */
export function formatOf(file: string): ResultFormat {
  const path = file.toLowerCase();
  if (path.endsWith('.csv')) return 'csv';
  if (/\.(parquet|pq)$/.test(path)) return 'parquet';
  return path.endsWith('.json') ? 'json' : 'jsonl';
}

export interface WriteResultsOptions {
  processor: BatchProcessor;
  batchIds: readonly string[];
  path: string;
  format: ResultFormat;
  force?: boolean;
  responseModel?: ResponseModel;
  /** Of CSV: leave cells as they are that a spreadsheet would run. */
  escapeFormulas?: boolean;
  results: ResultsOptions;
}

/** Takes all rows, then ends what is written. */
export interface ResultSink {
  add(rows: readonly BatchResult[]): Promise<void>;
  finish(): Promise<void>;
  /** Removes what is only needed on the way. */
  close(): Promise<void>;
}

/** Writes all results to a file, which gets its name when all of them are in it. Gives the batches in the order of their ids. */
export async function writeResults(options: WriteResultsOptions): Promise<Batch[]> {
  const { processor, batchIds, path, results } = options;
  for (const read of [results.requestsFile ?? [], results.join?.path ?? []].flat())
    await requireOtherFile(path, read);
  const output = await openOutput(path, options);
  try {
    const batches = await processor.getBatches(batchIds, results.signal);
    const sink = await openSink(output, {
      ...options,
      joined: results.join !== undefined,
      inputColumns: results.join?.columns,
      attempts: batchIds.length > 1,
      onNote: results.onNote,
    });
    try {
      for await (const rows of processor.resultBlocks(batches, results)) await sink.add(rows);
      await sink.finish();
    } finally {
      await sink.close();
    }
    await output.commit();
    return batches;
  } finally {
    await output.discard();
  }
}

export interface SinkOptions extends Pick<
  WriteResultsOptions,
  'format' | 'responseModel' | 'escapeFormulas'
> {
  joined: boolean;
  inputColumns?: readonly string[];
  /** There is more than one batch. */
  attempts: boolean;
  onNote?: (note: string) => void;
}

/** What writes results in a form. */
export async function openSink(output: Output, options: SinkOptions): Promise<ResultSink> {
  const { format, responseModel, escapeFormulas, joined, inputColumns, attempts, onNote } = options;
  if (format === 'json' || format === 'jsonl') return jsonSink(output, format);
  return await tableSink(output, {
    ...{ format, escapeFormulas, joined, inputColumns, attempts },
    schema: responseModel?.jsonSchema,
    onRenamed: (from, to) =>
      onNote?.(`The input has a column "${from}" already: the one of the results is "${to}"`),
  });
}
