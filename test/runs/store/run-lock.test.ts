import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { RunLock, whoHolds } from '../../../src/runs/store/run-lock.js';
import { failureOf } from '../../support/failure-of.js';
import { temporaryFolder } from '../../support/run-instructor.js';

const TAKER = fileURLToPath(new URL('../support/take-lock.ts', import.meta.url));

/** A process of its own that waits to take the lock. */
interface Taker {
  child: ChildProcess;
  /** The next line that it says. */
  says(): Promise<string>;
  take(name?: string): void;
  end(signal?: NodeJS.Signals): Promise<void>;
}

function startTaker(path: string): Taker {
  const child = spawn(process.execPath, ['--import', 'tsx', TAKER, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let heard: (() => void) | undefined;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    heard?.();
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    child,
    async says() {
      while (lines.length === 0) await new Promise<void>((resolve) => (heard = resolve));
      return lines.shift() ?? '';
    },
    take: (name = '') => void child.stdin.write(`${name}\n`),
    async end(signal) {
      if (signal) child.kill(signal);
      else child.stdin.end();
      await closed;
    },
  };
}

describe('the lock of a run', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let path: string;
  let count = 0;
  before(async () => {
    ({ path: folder, remove } = await temporaryFolder());
  });
  beforeEach(async () => {
    count += 1;
    await mkdir(join(folder, String(count)));
    path = join(folder, String(count), 'lock');
  });
  after(() => remove());

  const started: Taker[] = [];
  const start = (where: string): Taker => {
    const taker = startTaker(where);
    started.push(taker);
    return taker;
  };
  afterEach(async () => {
    for (const taker of started.splice(0)) await taker.end('SIGKILL');
  });

  /** What is beside the lock: nothing, once it is released. */
  const left = async (): Promise<string[]> => await readdir(join(folder, String(count)));
  const holder = (fields: Record<string, unknown>): string =>
    JSON.stringify({
      pid: process.pid,
      host: hostname(),
      since: '2026-11-22T14:05:09.000Z',
      token: 'old',
      ...fields,
    });
  /** A number that no process has: that of one that has ended just now. */
  const deadPid = async (): Promise<number> => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('close', resolve));
    return child.pid ?? 0;
  };

  it('tells a second process who holds it and since when, and is free again afterwards', async () => {
    const lock = await RunLock.acquire(path);
    const failure = await failureOf(() => RunLock.acquire(path));
    expect(failure.message).to.match(new RegExp(`^Process ${process.pid} works on this run since \\d{4}-`));
    expect(failure.hint).to.equal('Wait for it, or end it; its batches go on either way');
    expect((await whoHolds(path))?.pid).to.equal(process.pid);
    await lock.release();
    expect(await left()).to.deep.equal([]);
    expect(await whoHolds(path)).to.equal(undefined);
    await (await RunLock.acquire(path)).release();
  });

  it('is taken from a process that was killed, and says from which', async () => {
    const taker = start(path);
    await taker.says();
    taker.take();
    expect(await taker.says()).to.equal('got it fresh');
    const failure = await failureOf(() => RunLock.acquire(path));
    expect(failure.message).to.include(`Process ${taker.child.pid} works on this run`);
    await taker.end('SIGKILL');
    expect(await whoHolds(path)).to.equal(undefined);
    const lock = await RunLock.acquire(path);
    expect(lock.takenFrom).to.equal(taker.child.pid);
    expect((await whoHolds(path))?.pid).to.equal(process.pid);
    await lock.release();
    expect(await left()).to.deep.equal([]);
  });

  it('is taken again and again from processes that were killed', async () => {
    await writeFile(path, holder({ pid: await deadPid() }));
    for (const taker of [start(path), start(path)]) {
      await taker.says();
      taker.take();
      expect(await taker.says()).to.match(/^got it \d+$/);
      await taker.end('SIGKILL');
    }
    const lock = await RunLock.acquire(path);
    await lock.release();
    expect(await left()).to.deep.equal([]);
  });

  it('knows that a number was given to another process since', async function () {
    const running = await readFile('/proc/self/stat', 'utf8').catch(() => undefined);
    if (running === undefined) return this.skip();
    await writeFile(path, holder({ started: '1' }));
    const lock = await RunLock.acquire(path);
    expect(lock.takenFrom).to.equal(process.pid);
    await lock.release();
  });

  it('of a process on another machine is not touched', async () => {
    await writeFile(path, holder({ pid: await deadPid(), host: 'elsewhere' }));
    const failure = await failureOf(() => RunLock.acquire(path));
    expect(failure.message).to.match(/^Process \d+ on elsewhere works on this run since 2026-11-22/);
    expect(failure.hint).to.include('remove the lock file');
  });

  for (const [what, content] of [
    ['empty', ''],
    ['no JSON', '{"pid": 12'],
    ['without a number', '{"host": "x"}'],
  ] as const) {
    it(`that cannot be read (${what}) is taken over`, async () => {
      await writeFile(path, content);
      const lock = await RunLock.acquire(path);
      expect(lock.takenFrom).to.equal(undefined);
      expect((await whoHolds(path))?.pid).to.equal(process.pid);
      await lock.release();
      expect(await left()).to.deep.equal([]);
    });
  }

  it('is not removed by whoever lost it', async () => {
    const lock = await RunLock.acquire(path);
    await writeFile(path, holder({ token: 'another' }));
    await lock.release();
    expect(await readFile(path, 'utf8')).to.include('another');
  });

  it('goes to exactly one of several processes that want the lock of a dead one at the same time', async () => {
    const pid = await deadPid();
    const takers = Array.from({ length: 8 }, () => start(folder));
    for (let round = 0; round < 25; round += 1) {
      const name = `race-${round}`;
      await writeFile(join(folder, name), holder({ pid, token: `dead-${round}` }));
      if (round === 0) await Promise.all(takers.map((taker) => taker.says()));
      for (const taker of takers) taker.take(name);
      const said = await Promise.all(takers.map((taker) => taker.says()));
      expect(said.filter((text) => text.startsWith('got it'), said.join('\n'))).to.have.length(1);
    }
  });

  it('goes to one at a time when many in one process take and release it', async () => {
    await writeFile(path, holder({ pid: await deadPid() }));
    let held = 0;
    let got = 0;
    const one = async (): Promise<void> => {
      for (let attempt = 0; attempt < 40; attempt += 1) {
        const lock = await RunLock.acquire(path).catch(() => undefined);
        if (!lock) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        held += 1;
        got += 1;
        expect(held).to.equal(1);
        await new Promise((resolve) => setImmediate(resolve));
        held -= 1;
        await lock.release();
      }
    };
    await Promise.all(Array.from({ length: 12 }, one));
    expect(got).to.be.above(0);
  });
});
