import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { BlockWriter } from '../../src/rows/block-writer.js';
import { thrownBy } from '../support/failure-of.js';

const BLOCK_BYTES = 512 * 1024;

/** A place to write to that keeps a copy of what it got. */
function collecting(): { put: (block: Buffer) => Promise<void>; blocks: Buffer[]; whole: () => Buffer } {
  const blocks: Buffer[] = [];
  return {
    blocks,
    put: async (block) => void blocks.push(Buffer.from(block)),
    whole: () => Buffer.concat(blocks),
  };
}

/** A place to write to that takes until it is told to go on. */
function slow(): { put: (block: Buffer) => Promise<void>; steps: { block: Buffer; finish: () => void }[] } {
  const steps: { block: Buffer; finish: () => void }[] = [];
  return {
    steps,
    put: (block) => new Promise<void>((resolve) => steps.push({ block, finish: resolve })),
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

const SAMPLES: Record<string, string> = {
  nothing: '',
  'one letter': 'x',
  'characters of two, three and four bytes': 'é漢😀',
  'half of a pair, which UTF-8 cannot hold': 'a\ud83d',
  'a line': `${'abc '.repeat(50)}\n`,
  'a third of a block, which could be a whole one': 'x'.repeat(Math.floor(BLOCK_BYTES / 3)),
  'wide characters that fill a block': `${'漢'.repeat(Math.floor(BLOCK_BYTES / 3))}é`,
  'a block less one byte': 'y'.repeat(BLOCK_BYTES - 1),
  'exactly a block': 'z'.repeat(BLOCK_BYTES),
  'a block and one byte': 'w'.repeat(BLOCK_BYTES + 1),
  'two blocks and a half of wide characters': '漢é'.repeat(BLOCK_BYTES / 2),
};

describe('writing in blocks', () => {
  for (const [name, text] of Object.entries(SAMPLES)) {
    it(`gives everything in order around ${name}`, async () => {
      const { put, blocks, whole } = collecting();
      const writer = new BlockWriter(put);
      const texts = Object.values(SAMPLES).flatMap((other) => [text, 'short\n', other]);
      for (const piece of texts) await writer.write(piece);
      await writer.flush();
      const expected = Buffer.from(texts.join(''));
      expect(whole().equals(expected)).to.equal(true);
      expect(writer.bytes).to.equal(expected.byteLength);
      expect(Math.max(...blocks.map(({ byteLength }) => byteLength))).to.be.at.most(BLOCK_BYTES);
      expect(Math.min(...blocks.map(({ byteLength }) => byteLength))).to.be.at.least(1);
    });
  }

  it('gives texts of a thousand lengths in order', async () => {
    const { put, whole } = collecting();
    const writer = new BlockWriter(put);
    const texts: string[] = [];
    for (let number = 0; number < 1000; number += 1) {
      texts.push(`${number}:${'aé漢😀'[number % 4]?.repeat((number * 7919) % 9000)}\n`);
    }
    for (const text of texts) {
      const full = writer.write(text);
      if (full) await full;
    }
    await writer.flush();
    expect(whole().equals(Buffer.from(texts.join('')))).to.equal(true);
  });

  it('takes bytes as well, in turns with text, and copies them', async () => {
    const { put, whole } = collecting();
    const writer = new BlockWriter(put);
    const memory = Buffer.alloc(2 * BLOCK_BYTES + 5);
    const expected: Buffer[] = [];
    for (const [number, size] of [
      0,
      1,
      BLOCK_BYTES - 3,
      2,
      1,
      BLOCK_BYTES,
      2 * BLOCK_BYTES + 5,
      300_000,
    ].entries()) {
      const bytes = memory.subarray(0, size).fill(65 + number);
      expected.push(Buffer.from(bytes), Buffer.from(`-${number}-ü`));
      await writer.writeBytes(bytes);
      await writer.write(`-${number}-ü`);
      memory.fill('#');
    }
    await writer.flush();
    expect(whole().equals(Buffer.concat(expected))).to.equal(true);
    expect(writer.bytes).to.equal(Buffer.concat(expected).byteLength);
  });

  it('takes bytes that are no Buffer', async () => {
    const { put, whole } = collecting();
    const writer = new BlockWriter(put);
    await writer.writeBytes(new Uint8Array([1, 2, 3]).subarray(1));
    await writer.flush();
    expect([...whole()]).to.deep.equal([2, 3]);
  });

  it('fills a block to its last byte before it is written', async () => {
    const { put, blocks } = collecting();
    const writer = new BlockWriter(put);
    const half = Buffer.alloc(BLOCK_BYTES / 2, 'a');
    expect(writer.writeBytes(half)).to.equal(undefined);
    expect(writer.writeBytes(half)).to.equal(undefined);
    expect(blocks).to.deep.equal([]);
    await writer.flush();
    expect(blocks.map(({ byteLength }) => byteLength)).to.deep.equal([BLOCK_BYTES]);
  });

  it('asks nobody to wait for what fits', () => {
    const { put, blocks } = collecting();
    const writer = new BlockWriter(put);
    for (let row = 0; row < 1000; row += 1) expect(writer.write('a row\n')).to.equal(undefined);
    expect(blocks).to.deep.equal([]);
    expect(writer.bytes).to.equal(6000);
  });

  it('fills one block while the other is written, and leaves that one alone', async () => {
    const { put, steps } = slow();
    const writer = new BlockWriter(put);
    const first = Buffer.alloc(BLOCK_BYTES, 'a');
    await writer.writeBytes(first);
    // Here the first block is handed over, and this call does not wait for it to be written.
    await writer.write('b'.repeat(100));
    expect(steps).to.have.length(1);
    while (writer.write('c'.repeat(1000)) === undefined);
    await turn();
    expect(steps).to.have.length(1);
    expect(steps[0]!.block.equals(first)).to.equal(true);
    steps[0]!.finish();
    await turn();
    expect(steps).to.have.length(2);
    expect(steps[1]!.block.toString('latin1')).to.match(/^b{100}c+$/);
    steps[1]!.finish();
    const flushed = writer.flush();
    await turn();
    steps[2]!.finish();
    await flushed;
    expect(steps.map(({ block }) => block.byteLength).reduce((sum, size) => sum + size)).to.equal(
      writer.bytes,
    );
  });

  it('lets the caller wait when both blocks are full', async () => {
    const { put, steps } = slow();
    const writer = new BlockWriter(put);
    await writer.writeBytes(Buffer.alloc(BLOCK_BYTES, 'a'));
    await writer.writeBytes(Buffer.alloc(BLOCK_BYTES, 'b'));
    let through = false;
    const third = Promise.resolve(writer.write('c')).then(() => (through = true));
    await turn();
    expect(through).to.equal(false);
    steps[0]!.finish();
    await third;
    expect(steps[1]!.block.equals(Buffer.alloc(BLOCK_BYTES, 'b'))).to.equal(true);
  });

  it('never writes two blocks at the same time', async () => {
    let atOnce = 0;
    let most = 0;
    const writer = new BlockWriter(async () => {
      most = Math.max(most, (atOnce += 1));
      await turn();
      atOnce -= 1;
    });
    for (let block = 0; block < 8; block += 1) await writer.write('x'.repeat(BLOCK_BYTES * 1.5));
    await writer.flush();
    expect(most).to.equal(1);
  });

  it('has flushed only when the last byte was written', async () => {
    const { put, steps } = slow();
    const writer = new BlockWriter(put);
    void writer.write('abc');
    let flushed = false;
    const flushing = writer.flush().then(() => (flushed = true));
    await turn();
    expect(steps.map(({ block }) => block.toString())).to.deep.equal(['abc']);
    expect(flushed).to.equal(false);
    steps[0]!.finish();
    await flushing;
  });

  it('can go on after a flush, and has nothing to write when nothing came', async () => {
    const { put, blocks } = collecting();
    const writer = new BlockWriter(put);
    await writer.flush();
    await writer.write('');
    await writer.flush();
    expect(blocks).to.deep.equal([]);
    await writer.write('a');
    await writer.flush();
    await writer.write('b');
    await writer.flush();
    expect(blocks.map(String)).to.deep.equal(['a', 'b']);
    expect(writer.bytes).to.equal(2);
  });

  it('is busy from the first text until all is written', async () => {
    const { put, steps } = slow();
    const writer = new BlockWriter(put);
    expect(writer.busy).to.equal(false);
    void writer.write('abc');
    expect(writer.busy).to.equal(true);
    const flushing = writer.flush();
    await turn();
    expect(writer.busy).to.equal(true);
    steps[0]!.finish();
    await flushing;
    expect(writer.busy).to.equal(false);
    void writer.writeBytes(Buffer.from('def'));
    expect(writer.busy).to.equal(true);
  });
});

describe('blocks that cannot be written', () => {
  const full = new Error('the disk is full');
  const failing = async (): Promise<void> => {
    await turn();
    throw full;
  };

  it('are told of when the next block is due', async () => {
    const unhandled = await unhandledDuring(async () => {
      const writer = new BlockWriter(failing);
      await writer.write('x'.repeat(BLOCK_BYTES + 1));
      await turn();
      await turn();
      expect(await thrownBy(() => writer.write('y'.repeat(BLOCK_BYTES)))).to.equal(full);
      expect(await thrownBy(() => writer.writeBytes(Buffer.alloc(BLOCK_BYTES)))).to.equal(full);
      expect(await thrownBy(() => writer.flush())).to.equal(full);
    });
    expect(unhandled).to.deep.equal([]);
  });

  it('are told of within one text that is longer than two blocks', async () => {
    const writer = new BlockWriter(failing);
    expect(await thrownBy(() => writer.write('漢'.repeat(BLOCK_BYTES)))).to.equal(full);
  });

  it('are told of by a flush, also when it was the last block', async () => {
    const writer = new BlockWriter(failing);
    expect(writer.write('x')).to.equal(undefined);
    expect(await thrownBy(() => writer.flush())).to.equal(full);
    expect(await thrownBy(() => writer.flush())).to.equal(full);
  });

  it('trouble nobody who has given up, and are waited for all the same', async () => {
    let fail: (error: Error) => void = () => undefined;
    const unhandled = await unhandledDuring(async () => {
      const writer = new BlockWriter(() => new Promise<void>((_resolve, reject) => (fail = reject)));
      await writer.writeBytes(Buffer.alloc(BLOCK_BYTES));
      await writer.write('y');
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

  it('are no reason to write what comes behind them', async () => {
    let calls = 0;
    const writer = new BlockWriter(async () => {
      calls += 1;
      throw full;
    });
    await writer.writeBytes(Buffer.alloc(BLOCK_BYTES));
    await writer.write('y');
    expect(await thrownBy(() => writer.flush())).to.equal(full);
    expect(calls).to.equal(1);
  });

  it('settle at once when nothing is on its way', async () => {
    const writer = new BlockWriter(failing);
    await writer.settle();
    void writer.write('x');
    await writer.settle();
    expect(writer.busy).to.equal(true);
  });
});
