import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder that holds uploads and results. */
export interface Workspace {
  path: (name: string) => string;
  remove: () => Promise<void>;
}

/** Makes the folder: a temporary one, or one inside `parent`, so that nothing else of the user's is ever removed. */
export async function createWorkspace(parent?: string): Promise<Workspace> {
  if (parent !== undefined) await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'instructor-sandbox-'));
  return {
    path: (name) => join(folder, name),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
