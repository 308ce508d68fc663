import type { FaultList } from '../faults/fault-list.js';
import type { RowFate, SandboxOptions, SandboxRow, Timing } from '../options.js';
import type { Upstream } from '../upstream/upstream.js';
import type { Ledger } from './ledger.js';
import type { Releases } from './releases.js';
import type { Change, Store } from './store.js';
import type { Workspace } from './workspace.js';

/** What the sandbox has done so far. */
export interface SandboxStats {
  batchesCreated: number;
  batchesCancelled: number;
  batchesDeleted: number;
  filesUploaded: number;
  filesDeleted: number;
  /** Rows that were answered, well or badly; those that never ran are not among them. */
  rowsAnswered: number;
}

export function emptyStats(): SandboxStats {
  return {
    batchesCreated: 0,
    batchesCancelled: 0,
    batchesDeleted: 0,
    filesUploaded: 0,
    filesDeleted: 0,
    rowsAnswered: 0,
  };
}

/** What to write after a number has changed. */
export function countersChange(stats: SandboxStats): Change {
  return { kind: 'counters', id: 'stats', value: { ...stats } };
}

/** The numbers of earlier runs. Answered rows are those of the batches, of which an unfinished one may have lost some. */
export function restoredStats(store: Store, ledger: Ledger): SandboxStats {
  const rowsAnswered = ledger.all.reduce((sum, batch) => sum + batch.rowsAnswered, 0);
  return { ...emptyStats(), ...store.get<SandboxStats>('counters', 'stats'), rowsAnswered };
}

/** What both protocols share: the settings of this sandbox, its folder and its running work. */
export interface SandboxContext {
  seed: string;
  timing: Timing;
  endAs: NonNullable<SandboxOptions['endAs']>;
  retryAfterSeconds: number;
  outcome: (row: SandboxRow) => RowFate | undefined;
  workspace: Workspace;
  store: Store;
  ledger: Ledger;
  faults: FaultList;
  releases: Releases;
  /** Answers in place of the sandbox, if there is one. */
  upstream: Upstream | undefined;
  stats: SandboxStats;
  log: (line: string) => void;
  /** Raised when the sandbox closes: work in progress stops where it is. */
  closing: AbortSignal;
  /** Starts work that outlives its request; `close` waits for it. */
  start: (name: string, work: Promise<void>) => void;
}
