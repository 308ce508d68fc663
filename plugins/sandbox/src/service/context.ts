import type { RowFate, SandboxOptions, SandboxRow, Timing } from '../options.js';
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

/** What both protocols share: the settings of this sandbox, its folder and its running work. */
export interface SandboxContext {
  seed: string;
  timing: Timing;
  endAs: NonNullable<SandboxOptions['endAs']>;
  retryAfterSeconds: number;
  outcome: (row: SandboxRow) => RowFate | undefined;
  workspace: Workspace;
  stats: SandboxStats;
  log: (line: string) => void;
  /** Raised when the sandbox closes: work in progress stops where it is. */
  closing: AbortSignal;
  /** Starts work that outlives its request; `close` waits for it. */
  start: (name: string, work: Promise<void>) => void;
}
