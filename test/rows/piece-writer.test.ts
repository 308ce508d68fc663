import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { PieceWriter } from '../../src/rows/piece-writer.js';
import { thrownBy } from '../support/failure-of.js';

const BATCH_BYTES = 1024 * 1024;

interface Step {
  pieces: Uint8Array[];
  finish: () => void;
}

/** A place to write to that takes until it is told to go on. */
function slow(): { put: (pieces: Uint8Array[]) => Promise<void>; steps: Step[] } {
  const steps: Step[] = [];
  return {
    steps,
    put: (pieces) => new Promise<void>((resolve) => steps.push({ pieces, finish: resolve })),
  };
}

async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    await work();
    await turn();
    await turn();
  } finally {
    process.off('unhandledRejection', note);
  }
  return unhandled;
}

describe('writing pieces', () => {
  it('gives everything in order, many pieces at once', async () => {
    const batches: Uint8Array[][] = [];
    const writer = new PieceWriter(async (pieces) => {
      await turn();
      batches.push(pieces);
    });
    const given: Buffer[] = [];
    const sizes = [0, 1, 65_536, 3, BATCH_BYTES, BATCH_BYTES - 1, 1, 2 * BATCH_BYTES + 7, 0];
    for (let round = 0; round < 5; round += 1) {
      for (const [number, size] of sizes.entries()) {
        const piece = Buffer.alloc(size, `${round}/${number}/é`);
        given.push(piece);
        const full = writer.write(piece);
        if (full) await full;
      }
    }
    await writer.flush();
    const expected = Buffer.concat(given);
    expect(Buffer.concat(batches.flat()).equals(expected)).to.equal(true);
    expect(writer.bytes).to.equal(expected.byteLength);
    expect(batches.length).to.be.below(given.length / 1.5);
  });

  it('does not copy them', async () => {
    const piece = Buffer.from('abc');
    let written: Uint8Array[] = [];
    const writer = new PieceWriter(async (pieces) => void (written = pieces));
    void writer.write(piece);
    await writer.flush();
    expect(written).to.have.length(1);
    expect(written[0]).to.equal(piece);
  });

  it('asks nobody to wait before there is enough to write', () => {
    const { put, steps } = slow();
    const writer = new PieceWriter(put);
    for (let piece = 0; piece < 15; piece += 1) {
      expect(writer.write(Buffer.alloc(BATCH_BYTES / 16))).to.equal(undefined);
    }
    expect(steps).to.deep.equal([]);
    expect(writer.write(Buffer.alloc(BATCH_BYTES / 16))).to.be.instanceOf(Promise);
  });

  it('takes more while the ones before are written, and adds none to those', async () => {
    const { put, steps } = slow();
    const writer = new PieceWriter(put);
    const first = Buffer.alloc(BATCH_BYTES, 'a');
    await writer.write(first);
    expect(steps).to.have.length(1);
    expect(writer.write(Buffer.alloc(1000, 'b'))).to.equal(undefined);
    let through = false;
    const second = Promise.resolve(writer.write(Buffer.alloc(BATCH_BYTES, 'c'))).then(() => (through = true));
    await turn();
    expect(through).to.equal(false);
    expect(steps).to.have.length(1);
    expect(steps[0]!.pieces).to.deep.equal([first]);
    steps[0]!.finish();
    await second;
    expect(steps).to.have.length(2);
    expect(steps[1]!.pieces.map(({ byteLength }) => byteLength)).to.deep.equal([1000, BATCH_BYTES]);
  });

  it('has flushed only when the last piece was written', async () => {
    const { put, steps } = slow();
    const writer = new PieceWriter(put);
    await writer.write(Buffer.alloc(BATCH_BYTES));
    void writer.write(Buffer.from('rest'));
    let flushed = false;
    const flushing = writer.flush().then(() => (flushed = true));
    steps[0]!.finish();
    await turn();
    expect(steps).to.have.length(2);
    expect(flushed).to.equal(false);
    steps[1]!.finish();
    await flushing;
    expect(Buffer.concat(steps[1]!.pieces).toString()).to.equal('rest');
  });

  it('can go on after a flush, and has nothing to write when nothing came', async () => {
    const written: string[] = [];
    const writer = new PieceWriter(async (pieces) => void written.push(Buffer.concat(pieces).toString()));
    await writer.flush();
    expect(written).to.deep.equal([]);
    for (const text of ['a', 'b']) {
      void writer.write(Buffer.from(text));
      await writer.flush();
    }
    expect(written).to.deep.equal(['a', 'b']);
    expect(writer.bytes).to.equal(2);
  });

  it('is busy from the first piece until all is written', async () => {
    const { put, steps } = slow();
    const writer = new PieceWriter(put);
    expect(writer.busy).to.equal(false);
    void writer.write(Buffer.from('abc'));
    expect(writer.busy).to.equal(true);
    const flushing = writer.flush();
    await turn();
    expect(writer.busy).to.equal(true);
    steps[0]!.finish();
    await flushing;
    expect(writer.busy).to.equal(false);
    void writer.write(Buffer.from('def'));
    expect(writer.busy).to.equal(true);
  });
});

describe('pieces that cannot be written', () => {
  const full = new Error('the disk is full');
  const failing = async (): Promise<void> => {
    await turn();
    throw full;
  };

  it('are told of when the next ones are due', async () => {
    const unhandled = await unhandledDuring(async () => {
      const writer = new PieceWriter(failing);
      await writer.write(Buffer.alloc(BATCH_BYTES));
      await turn();
      await turn();
      expect(await thrownBy(() => writer.write(Buffer.alloc(BATCH_BYTES)))).to.equal(full);
      expect(await thrownBy(() => writer.flush())).to.equal(full);
    });
    expect(unhandled).to.deep.equal([]);
  });

  it('are told of by a flush, also when they were the last ones', async () => {
    const writer = new PieceWriter(failing);
    expect(writer.write(Buffer.from('x'))).to.equal(undefined);
    expect(await thrownBy(() => writer.flush())).to.equal(full);
    expect(await thrownBy(() => writer.flush())).to.equal(full);
  });

  it('are no reason to write what comes behind them', async () => {
    let calls = 0;
    const writer = new PieceWriter(async () => {
      calls += 1;
      throw full;
    });
    await writer.write(Buffer.alloc(BATCH_BYTES));
    void writer.write(Buffer.from('y'));
    expect(await thrownBy(() => writer.flush())).to.equal(full);
    expect(calls).to.equal(1);
  });

  it('trouble nobody who has given up, and are waited for all the same', async () => {
    let fail: (error: Error) => void = () => undefined;
    const unhandled = await unhandledDuring(async () => {
      const writer = new PieceWriter(() => new Promise<void>((_resolve, reject) => (fail = reject)));
      await writer.write(Buffer.alloc(BATCH_BYTES));
      void writer.write(Buffer.from('y'));
      let settled = false;
      const settling = writer.settle().then(() => (settled = true));
      await turn();
      expect(settled).to.equal(false);
      fail(full);
      await settling;
      await writer.settle();
    });
    expect(unhandled).to.deep.equal([]);
  });
});
