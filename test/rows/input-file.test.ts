import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFileBlocks, readFileBytes } from '../../src/rows/input-file.js';
import { failureOf, thrownBy } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { allOf, textOf } from '../support/streams.js';

describe('an input file', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  it('is read whole', async () => {
    const path = join(folder, 'in');
    const text = 'abc'.repeat(100_000);
    await writeFile(path, text);
    expect((await textOf(readFileBytes(path))) === text).to.equal(true);
  });

  it('is no longer read when the user interrupts', async () => {
    const path = join(folder, 'in');
    await writeFile(path, 'abc'.repeat(100_000));
    const controller = new AbortController();
    const reading = readFileBytes(path, { signal: controller.signal });
    await reading.next();
    controller.abort(new Error('enough'));
    expect(await thrownBy(() => allOf(reading))).to.equal(controller.signal.reason);
  });

  it('that does not exist is named', async () => {
    const path = join(folder, 'none.jsonl');
    const failure = await failureOf(() => allOf(readFileBytes(path)));
    expect(failure.kind).to.equal('usage');
    expect(failure.message).to.equal(`Cannot read ${path}: there is no such file or folder`);
  });

  it('is no folder', async () => {
    const failure = await failureOf(() => allOf(readFileBytes(folder)));
    expect(failure.message).to.equal(`Cannot read ${folder}: it is a folder, not a file`);
  });
});

const CHUNK_BYTES = 64 * 1024;
const BLOCK_BYTES = 512 * 1024;

/** Bytes that are the same nowhere, so that a block in the wrong place shows. */
function bytesOfSize(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  return bytes;
}

/** Copies each piece when it comes: the next one may lie in the same memory. */
async function copiesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return copies;
}

/** How often this process has a file open; undefined where that cannot be told. */
async function timesOpen(path: string): Promise<number | undefined> {
  const folder = '/proc/self/fd';
  if (!existsSync(folder)) return undefined;
  const targets = await Promise.all(
    (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => '')),
  );
  return targets.filter((target) => target === path).length;
}

describe('an input file read through two blocks of memory', () => {
  let folder: string;
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'in');
  });
  afterEach(() => remove());

  const around = (size: number): number[] => [size - 1, size, size + 1];
  for (const size of [
    0,
    1,
    ...around(CHUNK_BYTES),
    ...around(BLOCK_BYTES - CHUNK_BYTES),
    ...around(BLOCK_BYTES),
    ...around(2 * BLOCK_BYTES),
    ...around(3 * BLOCK_BYTES),
    4 * BLOCK_BYTES + 12_345,
  ]) {
    it(`gives the same bytes as one read into memory of its own: ${size} bytes`, async () => {
      await writeFile(path, bytesOfSize(size));
      const pieces = await copiesOf(readFileBlocks(path));
      const expected = Buffer.concat(await allOf(readFileBytes(path)));
      expect(expected.byteLength).to.equal(size);
      expect(Buffer.concat(pieces).equals(expected)).to.equal(true);
      expect(pieces.every(({ byteLength }) => byteLength > 0 && byteLength <= CHUNK_BYTES)).to.equal(true);
    });
  }

  for (const pieceBytes of [1000, CHUNK_BYTES, 300_000, BLOCK_BYTES, 4 * BLOCK_BYTES]) {
    it(`comes in pieces of the size that is wanted: ${pieceBytes}`, async () => {
      const bytes = bytesOfSize(2 * BLOCK_BYTES + 4321);
      await writeFile(path, bytes);
      const pieces = await copiesOf(readFileBlocks(path, { pieceBytes }));
      expect(Buffer.concat(pieces).equals(bytes)).to.equal(true);
      const sizes = pieces.map(({ byteLength }) => byteLength);
      expect(Math.max(...sizes)).to.equal(Math.min(pieceBytes, BLOCK_BYTES));
    });
  }

  it('stays as it is while a slow reader has it', async () => {
    const bytes = bytesOfSize(4 * BLOCK_BYTES);
    await writeFile(path, bytes);
    let at = 0;
    for await (const piece of readFileBlocks(path, { pieceBytes: BLOCK_BYTES })) {
      // Time enough for the other block to be filled.
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(piece.equals(bytes.subarray(at, at + piece.byteLength))).to.equal(true);
      at += piece.byteLength;
    }
    expect(at).to.equal(bytes.byteLength);
  });

  it('that does not exist is named', async () => {
    const none = join(folder, 'none.jsonl');
    const failure = await failureOf(() => allOf(readFileBlocks(none)));
    expect(failure.kind).to.equal('usage');
    expect(failure.message).to.equal(`Cannot read ${none}: there is no such file or folder`);
  });

  it('is no folder', async () => {
    const failure = await failureOf(() => allOf(readFileBlocks(folder)));
    expect(failure.message).to.equal(`Cannot read ${folder}: it is a folder, not a file`);
  });

  it('that may not be read is named', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) this.skip();
    await writeFile(path, 'abc', { mode: 0 });
    const failure = await failureOf(() => allOf(readFileBlocks(path)));
    expect(failure.message).to.contain(`Cannot read ${path}`);
  });

  it('may be a named pipe', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [path]);
    const bytes = bytesOfSize(BLOCK_BYTES + 1);
    const [pieces] = await Promise.all([copiesOf(readFileBlocks(path)), writeFile(path, bytes)]);
    expect(Buffer.concat(pieces).equals(bytes)).to.equal(true);
  });

  it('may be a named pipe that is ended before anything came', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [path]);
    const [pieces] = await Promise.all([
      copiesOf(readFileBlocks(path)),
      open(path, 'w').then((writer) => writer.close()),
    ]);
    expect(pieces).to.deep.equal([]);
  });

  for (const [name, leave] of Object.entries<(pieces: AsyncGenerator<Buffer>) => Promise<unknown>>({
    'read to its end': (pieces) => allOf(pieces),
    'left early': async (pieces) => {
      for await (const piece of pieces) {
        expect(piece.byteLength).to.be.above(0);
        expect(await timesOpen(path)).to.equal(1);
        break;
      }
    },
    'left with an error': (pieces) =>
      thrownBy(async () => {
        for await (const piece of pieces) throw new Error(`enough of ${piece.byteLength}`);
      }),
  })) {
    it(`is closed when it was ${name}`, async function () {
      await writeFile(path, bytesOfSize(3 * BLOCK_BYTES));
      if ((await timesOpen(path)) === undefined) this.skip();
      await leave(readFileBlocks(path));
      expect(await timesOpen(path)).to.equal(0);
    });
  }

  it('is no longer read when the user interrupts, and is closed', async () => {
    await writeFile(path, bytesOfSize(3 * BLOCK_BYTES));
    const controller = new AbortController();
    const reading = readFileBlocks(path, { signal: controller.signal });
    await reading.next();
    controller.abort(new Error('enough'));
    expect(await thrownBy(() => allOf(reading))).to.equal(controller.signal.reason);
    expect((await timesOpen(path)) ?? 0).to.equal(0);
  });

  it('is not read at all when the user has interrupted before', async () => {
    await writeFile(path, 'abc');
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await thrownBy(() => allOf(readFileBlocks(path, { signal })))).to.equal(signal.reason);
    expect((await timesOpen(path)) ?? 0).to.equal(0);
  });
});
