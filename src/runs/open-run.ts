import { copyFile, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { ProviderSession } from '../core/session.js';
import type { PriceList } from '@instructor-cli/provider-kit';
import { record, type RunContext, type RunListener, type RunPace } from './run-context.js';
import { Journal } from './store/journal.js';
import { RUN_FORMAT } from './store/events.js';
import { RunLock } from './store/run-lock.js';
import { runPaths, type RunPaths } from './store/run-paths.js';
import { readSettings, writeSettings, type RunSettings } from './store/run-settings.js';
import { RunState } from './store/run-state.js';

/** What a process brings along to work on a run. */
export interface RunTools {
  session: ProviderSession;
  responseModel: ResponseModel | undefined;
  prices: PriceList | undefined;
  listener: RunListener;
  pace: RunPace;
  signal: AbortSignal;
  /** Of this program. */
  version: string;
}

/** A run whose lock this process holds. */
export interface OpenedRun {
  run: RunContext;
  close: () => Promise<void>;
}

/** Makes the directory of a new run and takes it. `copyInput`: the input came through a pipe, and is kept there. */
export async function beginRun(
  folder: string,
  settings: RunSettings,
  tools: RunTools,
  { copyInput = false } = {},
): Promise<OpenedRun> {
  const paths = runPaths(folder);
  await makeFolder(folder);
  const lock = await RunLock.acquire(paths.lock);
  try {
    if (existsSync(paths.settings)) throw alreadyRun(folder);
    const kept = copyInput ? { ...settings, input: { ...settings.input, path: paths.input } } : settings;
    if (copyInput) await copyFile(settings.input.path, paths.input);
    await writeSettings(paths.settings, kept);
    return await open(folder, kept, tools, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Takes a run that was begun before. */
export async function resumeRun(
  folder: string,
  tools: RunTools,
  change: (settings: RunSettings) => RunSettings = same,
): Promise<OpenedRun> {
  const paths = runPaths(folder);
  const before = await readSettings(paths.settings);
  const lock = await RunLock.acquire(paths.lock);
  try {
    const settings = change(before);
    if (settings !== before) await writeSettings(paths.settings, settings, true);
    return await open(folder, settings, tools, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const same = (settings: RunSettings): RunSettings => settings;

/** Removes a run that could not even be planned: nothing of it was sent, and the next try may want its directory. */
export async function forgetRun(folder: string): Promise<void> {
  const { settings, journal, requests, input, skipped } = runPaths(folder);
  for (const path of [requests, skipped, input, journal, settings])
    await rm(path, { recursive: true, force: true });
  await rmdir(folder).catch(() => undefined);
}

async function open(
  folder: string,
  settings: RunSettings,
  tools: RunTools,
  lock: RunLock,
): Promise<OpenedRun> {
  const paths = runPaths(folder);
  const { version, listener } = tools;
  const isNew = !existsSync(paths.journal);
  const opened = isNew
    ? { journal: await Journal.create(paths.journal), events: [], cut: 0 }
    : await Journal.open(paths.journal);
  const { journal, events, cut } = opened;
  const run: RunContext = { ...tools, settings, paths, state: RunState.of(events), journal };
  const close = async (): Promise<void> => {
    await journal.close();
    await lock.release();
  };
  try {
    await removeHalfFiles(paths);
    if (cut > 0)
      listener.onNote?.(`The last line of ${paths.journal} was half written; its ${cut} bytes were removed`);
    if (lock.takenFrom !== undefined)
      listener.onNote?.(`Process ${lock.takenFrom} left the run without closing it; this one takes over`);
    await record(
      run,
      events.length === 0
        ? { event: 'begun', format: RUN_FORMAT, version, pid: process.pid }
        : { event: 'resumed', version, pid: process.pid },
    );
    return { run, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a process that was killed was writing: under a temporary name, and nobody else writes here now. */
async function removeHalfFiles(paths: RunPaths): Promise<void> {
  for (const folder of [paths.folder, paths.requests, paths.answers]) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names)
      if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const there = (await readdir(folder)).filter((name) => !/^(lock|input|\.run\.json)/.test(name));
    if (there.includes('run.json')) throw alreadyRun(folder);
    if (there.length > 0)
      throw new InstructorError('usage', `${folder} is not empty, and not a run`, {
        hint: 'Name a directory that does not exist yet: --run-dir DIR',
      });
  } catch (error) {
    // A file of that name is in the way.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw describeFileError({ code: 'ENOTDIR' }, 'write', folder);
    throw describeFileError(error, 'write', folder);
  }
}

function alreadyRun(folder: string): InstructorError {
  return new InstructorError('usage', `${folder} holds a run already`, {
    hint: `To go on with it: instructor batch run --resume ${folder}`,
  });
}
