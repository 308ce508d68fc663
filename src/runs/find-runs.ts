import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from './store/journal.js';
import { whoHolds } from './store/run-lock.js';
import { runPaths, type RunPaths } from './store/run-paths.js';
import { readSettings, type RunSettings } from './store/run-settings.js';
import { RunState } from './store/run-state.js';

/** Where runs are by default, relative to the working directory. */
export const RUNS_FOLDER = join('.instructor', 'runs');

/** A run as it lies on disk, whoever works on it. */
export interface KnownRun {
  folder: string;
  paths: RunPaths;
  settings: RunSettings;
  state: RunState;
  /** Who works on it at the moment. */
  holder?: { pid: number; host: string; since: string };
}

/** Reads a run and changes nothing. */
export async function readRun(folder: string): Promise<KnownRun> {
  const paths = runPaths(folder);
  const settings = await readSettings(paths.settings);
  // A line that is being written is not there yet.
  const events = existsSync(paths.journal) ? (await readJournal(paths.journal)).events : [];
  return { folder, paths, settings, state: RunState.of(events), holder: await whoHolds(paths.lock) };
}

/** All runs below a folder, the oldest first; those that cannot be read are named with their reason. */
export async function findRuns(
  folder: string,
): Promise<{ runs: KnownRun[]; broken: { folder: string; reason: string }[] }> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const runs: KnownRun[] = [];
  const broken: { folder: string; reason: string }[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (!existsSync(runPaths(path).settings)) continue;
    try {
      runs.push(await readRun(path));
    } catch (error) {
      broken.push({ folder: path, reason: (error as Error).message });
    }
  }
  runs.sort((left, right) => (left.settings.created < right.settings.created ? -1 : 1));
  return { runs, broken };
}

/** The batches that runs know as theirs. */
export function claimsOf(runs: readonly KnownRun[], except?: string): Set<string> {
  const claims = new Set<string>();
  for (const { settings, state } of runs) {
    if (settings.id === except) continue;
    for (const batch of state.batches.keys()) claims.add(batch);
  }
  return claims;
}
