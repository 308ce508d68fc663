import { expect } from 'chai';
import { readLines } from '../../src/rows/read-lines.js';
import { scanLines } from '../../src/rows/scan-lines.js';
import { failureOf } from '../support/failure-of.js';
import { allOf, inPieces } from '../support/streams.js';

type Numbered = [number, string];

async function scanned(source: AsyncIterable<Uint8Array>): Promise<Numbered[]> {
  const lines: Numbered[] = [];
  for await (const { first, bytes, ends } of scanLines(source, 'rows.jsonl')) {
    let start = 0;
    for (const [index, end] of ends.entries()) {
      lines.push([first + index, bytes.toString('utf8', start, end)]);
      start = end + 1;
    }
    expect(ends.at(-1)).to.equal(bytes.byteLength);
  }
  return lines;
}

async function read(source: AsyncIterable<Uint8Array>): Promise<Numbered[]> {
  const blocks = await allOf(readLines(source, 'rows.jsonl'));
  return blocks.flatMap(({ first, lines }) => lines.map((line, offset): Numbered => [first + offset, line]));
}

/** Pieces that all come in the same memory, which holds nothing of use any more once the next one is asked for. */
async function* inOneMemory(bytes: Uint8Array | string, size: number): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes as string);
  const memory = Buffer.alloc(size);
  for (let at = 0; at < all.byteLength; at += size) {
    const copied = all.copy(memory, 0, at, at + size);
    yield copied === size ? memory : memory.subarray(0, copied);
    memory.fill(0xff);
  }
}

const TEXTS: Record<string, string> = {
  'a byte order mark': '\uFEFFone\ntwo\n',
  'a byte order mark alone': '\uFEFF',
  'line ends of Windows': 'one\r\ntwo\r\n\r\nthree\r\n',
  'blank lines': '\n\n  \none\n\t\n\n',
  'a line feed alone': '\n',
  'characters of two, three and four bytes': 'é漢😀\n😀😀\n漢é',
  'no line feed at the end': 'one\ntwo',
  'a byte order mark in the middle': 'one\n\uFEFFtwo\n',
  'all of it': '\uFEFFone\n\nzwei ä€😀\r\n  \nlast 漢字',
  nothing: '',
};

describe('finding lines', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`gives what reading gives, however it is cut: ${name}`, async () => {
      const expected = await read(inPieces(text, 1 << 20));
      for (let size = 1; size <= 12; size += 1) {
        expect(await scanned(inPieces(text, size))).to.deep.equal(expected, `in pieces of ${size}`);
        expect(await read(inPieces(text, size))).to.deep.equal(expected, `read in pieces of ${size}`);
      }
    });

    it(`does not mind a source that uses its memory again: ${name}`, async () => {
      const expected = await read(inPieces(text, 1 << 20));
      for (let size = 1; size <= 12; size += 1) {
        expect(await scanned(inOneMemory(text, size))).to.deep.equal(expected, `in pieces of ${size}`);
      }
    });
  }

  it('gives the lines and numbers that are expected', async () => {
    expect(await scanned(inPieces(TEXTS['all of it'] ?? '', 3))).to.deep.equal([
      [1, 'one'],
      [2, ''],
      [3, 'zwei ä€😀\r'],
      [4, '  '],
      [5, 'last 漢字'],
    ]);
  });

  it('finds lines of many lengths in pieces as they come from a disk', async () => {
    const lines = [...Array(2000).keys()].map((number) => `${number} ${'é漢'.repeat((number * 7919) % 400)}`);
    const text = `${lines.join('\n')}\n`;
    const found = await scanned(inOneMemory(text, 65_536));
    expect(found).to.have.length(lines.length);
    const wrong = found.filter(([number, line], at) => number !== at + 1 || line !== lines[at]);
    expect(wrong).to.deep.equal([]);
  });

  it('finds a line that is longer than many pieces', async () => {
    const long = '漢'.repeat(500_000);
    const found = await scanned(inOneMemory(`a\n${long}\nb\n`, 65_536));
    expect(found.map(([number, line]) => [number, line.length])).to.deep.equal([
      [1, 1],
      [2, long.length],
      [3, 1],
    ]);
    expect(found[1]?.[1] === long).to.equal(true);
  });

  it('reads bytes that are no Buffer', async () => {
    const parts = (async function* () {
      yield new Uint8Array([0x61, 0x0a, 0x62]).subarray(1);
    })();
    expect(await scanned(parts)).to.deep.equal([
      [1, ''],
      [2, 'b'],
    ]);
  });

  it('passes over pieces without anything in them', async () => {
    const parts = (async function* () {
      for (const text of ['', 'a', '', '\nb', '', '\n', '']) yield Buffer.from(text);
    })();
    expect(await scanned(parts)).to.deep.equal([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  for (const [name, bytes] of [
    ['little-endian', Buffer.from('\uFEFF{"a":1}\n{"a":2}\n', 'utf16le')],
    ['big-endian', Buffer.from('\uFEFF{"a":1}\n', 'utf16le').swap16()],
  ] as const) {
    for (const size of [1, 3, 1000]) {
      it(`refuses ${name} UTF-16 in words, in pieces of ${size}`, async () => {
        const failure = await failureOf(() => scanned(inPieces(bytes, size)));
        expect(failure.kind).to.equal('input');
        expect(failure.message).to.equal('rows.jsonl is in UTF-16');
      });
    }
  }

  for (const size of [1, 4, 7, 1000]) {
    it(`names the line that is not UTF-8, in pieces of ${size}`, async () => {
      const bytes = Buffer.concat([Buffer.from('é\n\nok\n'), Buffer.from('Müller\nx\n', 'latin1')]);
      const failure = await failureOf(() => scanned(inOneMemory(bytes, size)));
      expect(failure.kind).to.equal('input');
      expect(failure.message).to.equal('rows.jsonl, line 4: not valid UTF-8');
      expect(failure.hint).to.equal('Save it as UTF-8');
    });
  }

  it('notices a character that is cut off at the end of the file', async () => {
    const failure = await failureOf(() => scanned(inPieces(Buffer.from('a\nb€').subarray(0, -1), 2)));
    expect(failure.message).to.contain('line 2');
  });

  it('stops the source when nobody wants more', async () => {
    let stopped = false;
    const endless = (async function* () {
      try {
        for (;;) yield Buffer.from('a\n');
      } finally {
        stopped = true;
      }
    })();
    for await (const block of scanLines(endless, 'x')) {
      expect(block.ends).to.deep.equal([1]);
      break;
    }
    expect(stopped).to.equal(true);
  });
});
