import { join } from 'node:path';

/** Where everything of a run lies. The layout is documented in docs/runs.md. */
export interface RunPaths {
  folder: string;
  /** What was asked for; written once. */
  settings: string;
  /** What happened; only ever grows. */
  journal: string;
  /** Who works on it. */
  lock: string;
  /** Input that came through a pipe. */
  input: string;
  /** Request files, one a shard. */
  requests: string;
  /** A line a request of the first round, in the order of the input: which list of shards it is in, and its hash. */
  order: string;
  /** All requests of the first round, as it were; beside it the ids that only a list can turn back. */
  allRequests: string;
  ids: string;
  /** Rows that no request could be made of. */
  skipped: string;
  /** Result files as they were downloaded. */
  answers: string;
  results: string;
  receipts: string;
  report: string;
}

export const SHARD_LIST = 'requests';

export function runPaths(folder: string): RunPaths {
  const at = (...parts: string[]): string => join(folder, ...parts);
  return {
    folder,
    settings: at('run.json'),
    journal: at('journal.jsonl'),
    lock: at('lock'),
    input: at('input'),
    requests: at('requests'),
    order: at('requests', 'order.txt'),
    allRequests: at('requests', 'all.jsonl'),
    ids: at('requests', 'all.ids.jsonl'),
    skipped: at('skipped.jsonl'),
    answers: at('answers'),
    results: at('results.jsonl'),
    receipts: at('receipts.jsonl'),
    report: at('report.md'),
  };
}
