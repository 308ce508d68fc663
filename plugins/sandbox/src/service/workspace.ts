import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './data-lock.js';
import { Journal } from './journal.js';
import { NO_STORE, type Store } from './store.js';

/** The folder that holds uploads and results, and what is known about them. */
export interface Workspace {
  path: (name: string) => string;
  store: Store;
  /** Removes the files of earlier runs that nothing refers to any more: what a killed process was writing. */
  sweep: (isKept: (name: string) => boolean) => Promise<void>;
  /** Ends its use; a temporary folder goes, another one stays. */
  close: () => Promise<void>;
}

/** Opens the folder that outlives the sandbox, or makes a temporary one. */
export async function openWorkspace(dataDir?: string): Promise<Workspace> {
  return dataDir === undefined ? temporary() : lasting(dataDir);
}

async function temporary(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'instructor-sandbox-'));
  return {
    path: (name) => join(folder, name),
    store: NO_STORE,
    sweep: async () => undefined,
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function lasting(dataDir: string): Promise<Workspace> {
  const folder = join(dataDir, 'sandbox-files');
  await mkdir(folder, { recursive: true });
  const unlock = lockDataDir(join(dataDir, 'sandbox.lock'), dataDir);
  let store: Journal;
  try {
    store = new Journal(join(dataDir, 'sandbox-journal.jsonl'));
  } catch (error) {
    unlock();
    throw error;
  }
  return {
    path: (name) => join(folder, name),
    store,
    async sweep(isKept) {
      const strays = (await readdir(folder)).filter((name) => !isKept(name));
      await Promise.all(strays.map((name) => rm(join(folder, name), { force: true })));
    },
    async close() {
      store.close();
      unlock();
    },
  };
}
