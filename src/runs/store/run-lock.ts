import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
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

/** Held by one process; one that was left by a process that is gone is taken over. */
export class RunLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
    /** The process that left it behind. */
    readonly takenFrom: number | undefined,
  ) {}

  static async acquire(path: string): Promise<RunLock> {
    const token = randomUUID();
    let takenFrom: number | undefined;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await create(path, token)) return new RunLock(path, token, takenFrom);
      const holder = await readHolder(path);
      if (holder === undefined) continue;
      if (holder !== 'unreadable' && (await isAlive(holder))) throw heldBy(holder);
      if (holder !== 'unreadable') takenFrom = holder.pid;
      await putAside(path, holder);
    }
    throw new InstructorError('state', `${path} cannot be taken: several programs want the run at once`, {
      hint: 'Run the command again',
    });
  }

  async release(): Promise<void> {
    const holder = await readHolder(this.path);
    if (holder !== 'unreadable' && holder?.token === this.token) await rm(this.path, { force: true });
  }
}

/** Who works on a run at the moment; nobody if there is no lock, or only one that was left behind. */
export async function whoHolds(
  path: string,
): Promise<{ pid: number; host: string; since: string } | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && holder !== 'unreadable' && (await isAlive(holder)) ? holder : undefined;
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
  const temporary = `${path}.${token}`;
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

async function readHolder(path: string): Promise<Holder | 'unreadable' | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder;
    return typeof holder.pid === 'number' ? holder : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

/** Removes a lock that was judged to be left behind, unless another process has just done so and taken it. */
async function putAside(path: string, judged: Holder | 'unreadable'): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw describeFileError(error, 'write', path);
  }
  const got = await readHolder(aside);
  const same =
    judged === 'unreadable' ? got === 'unreadable' : got !== 'unreadable' && got?.token === judged.token;
  if (!same) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
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
