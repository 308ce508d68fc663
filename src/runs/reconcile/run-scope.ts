import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findRuns, readRun, type KnownRun } from '../find-runs.js';
import { runPaths } from '../store/run-paths.js';

/** The runs that are looked at, and all that are known. */
export interface RunScope {
  /** A single run, named by its directory. */
  single: boolean;
  runs: KnownRun[];
  /** Those beside a single run too: what is theirs is nobody else's. */
  known: KnownRun[];
  /** Directories of runs that cannot be read. */
  broken: { folder: string; reason: string }[];
}

/** Reads the run in a directory, or else all runs below it. */
export async function readScope(folder: string): Promise<RunScope> {
  if (!existsSync(runPaths(folder).settings)) {
    const { runs, broken } = await findRuns(folder);
    return { single: false, runs, known: runs, broken };
  }
  const run = await readRun(folder);
  const { runs } = await findRuns(dirname(folder));
  const others = runs.filter(({ settings }) => settings.id !== run.settings.id);
  return { single: true, runs: [run], known: [run, ...others], broken: [] };
}

/** The same for the runs of one provider. */
export function scopeOf(scope: RunScope, provider: string): RunScope {
  const ofProvider = ({ settings }: KnownRun): boolean => settings.provider === provider;
  return { ...scope, runs: scope.runs.filter(ofProvider), known: scope.known.filter(ofProvider) };
}
