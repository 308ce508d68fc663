import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFileError } from '../../failure/file-error.js';
import { InstructorError } from '../../failure/instructor-error.js';

/** Who works on a run. */
interface Holder {
  pid: number;
  host: string;
  /** When that process was started, where the system tells: another one may have got the same number since. */
  started?: string;
  since: string;
  token: string;
}

/**
 * Held by one process; one that was left by a process that is gone is taken over.
 *
 * Nobody removes the lock of another process: between the judgement and the removal it may have become a third one's.
 * Instead a lock has a heir, a file whose name holds the token of the one before, which only one process can create.
 * Whoever is the last of them holds the lock; with its release all go, the first one first.
 */
export class RunLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
    /** The process that left it behind. */
    readonly takenFrom: number | undefined,
  ) {}

  static async acquire(path: string): Promise<RunLock> {
    const token = randomUUID();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const line = await readLine(path);
      const { first, last } = line;
      if (last === undefined) {
        if (await create(path, token)) return new RunLock(path, token, undefined);
        continue;
      }
      if (last !== UNREADABLE && (await isAlive(last))) throw heldBy(last);
      // It may be being written, where it cannot be there all at once.
      if (last === UNREADABLE && attempt === 0) {
        await sleep(50);
        continue;
      }
      const heir = heirOf(path, last);
      if (!(await create(heir, token))) continue;
      // Without the first one the line was given up meanwhile, and being its last means nothing.
      if (tokenOf(await readHolder(path)) === tokenOf(first))
        return new RunLock(path, token, last === UNREADABLE ? undefined : last.pid);
      await rm(heir, { force: true });
    }
    throw new InstructorError('state', `${path} cannot be taken: several programs want the run at once`, {
      hint: 'Run the command again',
    });
  }

  async release(): Promise<void> {
    const { last, files } = await readLine(this.path);
    if (tokenOf(last) !== this.token) return;
    for (const file of files) await rm(file, { force: true });
  }
}

const UNREADABLE = 'unreadable';
type Found = Holder | typeof UNREADABLE | undefined;

/** The lock and its heirs: only the last one counts. */
async function readLine(path: string): Promise<{ first: Found; last: Found; files: string[] }> {
  const first = await readHolder(path);
  const files: string[] = [];
  let last = first;
  let file = path;
  for (let next = first; next !== undefined && !files.includes(file); next = await readHolder(file)) {
    last = next;
    files.push(file);
    file = heirOf(path, next);
  }
  return { first, last, files };
}

function heirOf(path: string, holder: Found): string {
  return `${path}.${tokenOf(holder)}`;
}

function tokenOf(holder: Found): string | undefined {
  return typeof holder === 'object' ? holder.token : holder;
}

/** Who works on a run at the moment; nobody if there is no lock, or only one that was left behind. */
export async function whoHolds(
  path: string,
): Promise<{ pid: number; host: string; since: string } | undefined> {
  const { last } = await readLine(path);
  return typeof last === 'object' && (await isAlive(last)) ? last : undefined;
}

/** The lock is there whole or not at all: it is written under another name and then linked. */
async function create(path: string, token: string): Promise<boolean> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    since: new Date().toISOString(),
    token,
  };
  const temporary = `${path}.${token}.new`;
  try {
    await writeFile(temporary, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS')
      return await createWithoutLink(path, holder);
    throw describeFileError(error, 'write', path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** For file systems without links. */
async function createWithoutLink(path: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.writeFile(`${JSON.stringify(holder)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw describeFileError(error, 'write', path);
  }
}

async function readHolder(path: string): Promise<Found> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder | null;
    const isHolder = typeof holder?.pid === 'number' && /^[\w-]+$/.test(holder.token);
    return isHolder ? holder : UNREADABLE;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : UNREADABLE;
  }
}

async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  // Of another machine's processes nothing is known from here.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

/** Linux says when a process was started, in ticks since the machine was; elsewhere the number alone has to do. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may hold blanks and parentheses; fields are counted behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie works on nothing.
    return fields[0] === 'Z' ? 'ended' : fields[19];
  } catch {
    return undefined;
  }
}

function heldBy({ pid, host, since }: Holder): InstructorError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new InstructorError('state', `Process ${pid}${where} works on this run since ${since}`, {
    hint:
      where === ''
        ? 'Wait for it, or end it; its batches go on either way'
        : `If that program is gone, remove the lock file of the run`,
  });
}
