import type { Output } from '../rows/output-file.js';
import { toResultRecord, type BatchResult } from './result-row.js';
import type { ResultSink } from './write-results.js';

/** Writes results as JSON, one a line or as one array. */
export function jsonSink(output: Output, format: 'jsonl' | 'json'): ResultSink {
  const [before, between, behind, end] = format === 'json' ? ['[\n', ',\n', '', '\n]\n'] : ['', '', '\n', ''];
  let first = true;
  return {
    async add(rows) {
      for (const row of rows) {
        const full = output.write(`${first ? before : between}${toJson(row)}${behind}`);
        first = false;
        if (full) await full;
      }
    },
    async finish() {
      const full = output.write(first && format === 'json' ? '[\n]\n' : end);
      if (full) await full;
    },
    close: () => Promise.resolve(),
  };
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
