import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UnusableDataDir } from './unusable-data-dir.js';

/**
 * Takes a folder for this process, also from a process that died without giving it back: two sandboxes on one folder
 * would write into each other's files.
 */
export function lockDataDir(path: string, folder: string): () => void {
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`;
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid, start = ''] = readOwner(path);
    if (isRunning(Number(pid), start)) {
      throw new UnusableDataDir(`${folder} is in use by the sandbox of process ${pid}.`);
    }
    rmSync(path, { force: true });
  }
}

function readOwner(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(' ');
  } catch {
    return [''];
  }
}

function isRunning(pid: number, start: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // Numbers of processes are used again: one that began at another time is not the owner.
  const known = startOf(pid);
  return known === undefined || start === '' || known === start;
}

/** When a process began, where the system tells. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
