import type { Batch } from '@instructor-cli/provider-kit';
import { openOutput, requireOtherFile, type Output } from '../rows/output-file.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { ResultsOptions } from './batch-processor-options.js';
import type { BatchProcessor } from './batch-processor.js';
import { csvEncoder } from './csv-results.js';
import { toResultRecord, type BatchResult } from './result-row.js';

export const RESULT_FORMATS = ['jsonl', 'json', 'csv'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export interface WriteResultsOptions {
  processor: BatchProcessor;
  batchId: string;
  path: string;
  format: ResultFormat;
  force?: boolean;
  responseModel?: ResponseModel;
  results: ResultsOptions;
}

/** Turns rows into text: once at the start, for each block, once at the end. */
export interface ResultEncoder {
  head: string;
  encode(rows: readonly BatchResult[]): Iterable<string>;
  tail: string;
}

/** Writes all results of a batch to a file, which gets its name when all of them are in it. */
export async function writeResults(options: WriteResultsOptions): Promise<{ batch: Batch }> {
  const { processor, batchId, path, format, responseModel, results } = options;
  await requireOtherFile(path, results.requestsFile);
  const output = await openOutput(path, options);
  try {
    const batch = await processor.getBatch(batchId, results.signal);
    const encoder = await encoderFor(format, responseModel);
    await put(output, encoder.head);
    for await (const rows of processor.resultBlocks(batch, results)) {
      for (const text of encoder.encode(rows)) {
        const full = output.write(text);
        if (full) await full;
      }
    }
    await put(output, encoder.tail);
    await output.commit();
    return { batch };
  } finally {
    await output.discard();
  }
}

async function put(output: Output, text: string): Promise<void> {
  const full = output.write(text);
  if (full) await full;
}

async function encoderFor(
  format: ResultFormat,
  responseModel: ResponseModel | undefined,
): Promise<ResultEncoder> {
  switch (format) {
    case 'csv':
      return await csvEncoder(responseModel);
    case 'json': {
      let separator = '';
      return {
        head: '[',
        encode: (rows) =>
          rows.map((row) => {
            const text = `${separator}\n${toJson(row)}`;
            separator = ',';
            return text;
          }),
        tail: '\n]\n',
      };
    }
    case 'jsonl':
      return {
        head: '',
        encode: (rows) => rows.map((row) => `${toJson(row)}\n`),
        tail: '',
      };
  }
}

/** A schema's transforms may make what JSON cannot hold; big numbers are the one kind that would throw. */
function toJson(row: BatchResult): string {
  const record = toResultRecord(row);
  try {
    return JSON.stringify(record);
  } catch {
    return JSON.stringify(record, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  }
}
