import { expect } from 'chai';
import { readLines } from '../../src/rows/read-lines.js';
import { failureOf } from '../support/failure-of.js';
import { allOf, inPieces } from '../support/streams.js';

async function linesOf(bytes: Uint8Array | string, size = 1 << 20): Promise<[number, string][]> {
  const blocks = await allOf(readLines(inPieces(bytes, size), 'rows.jsonl'));
  return blocks.flatMap(({ first, lines }) =>
    lines.map((line, offset): [number, string] => [first + offset, line]),
  );
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

describe('reading lines', () => {
  const text = '\uFEFFone\n\nzwei ä€😀\r\n  \nlast 漢字';
  const expected = [
    [1, 'one'],
    [2, ''],
    [3, 'zwei ä€😀\r'],
    [4, '  '],
    [5, 'last 漢字'],
  ];

  for (let size = 1; size <= 12; size += 1) {
    it(`gives the same lines and numbers in pieces of ${size} bytes`, async () => {
      expect(await linesOf(text, size)).to.deep.equal(expected);
    });
  }

  it('gives the same lines wherever a single cut falls, inside a character too', async () => {
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.byteLength; cut += 1) {
      expect(await linesOf(bytes, cut)).to.deep.equal(expected, `cut at ${cut}`);
    }
  });

  it('does not need a line feed at the end, and adds no line if there is one', async () => {
    expect(await linesOf('a\nb')).to.have.length(2);
    expect(await linesOf('a\nb\n')).to.have.length(2);
  });

  it('gives nothing for nothing', async () => {
    expect(await linesOf('')).to.deep.equal([]);
  });

  it('reads bytes that are no Buffer', async () => {
    const parts = (async function* () {
      yield new Uint8Array([0x61, 0x0a, 0x62]).subarray(1);
    })();
    const blocks = await allOf(readLines(parts, 'x'));
    expect(blocks.flatMap(({ lines }) => lines)).to.deep.equal(['', 'b']);
  });

  it('keeps a byte order mark that is not at the start', async () => {
    expect(await linesOf('a\n\uFEFFb', 1)).to.deep.equal([
      [1, 'a'],
      [2, '\uFEFFb'],
    ]);
  });

  for (const [name, bytes] of [
    ['little-endian', Buffer.from('\uFEFF{"a":1}\n{"a":2}\n', 'utf16le')],
    ['big-endian', Buffer.from('\uFEFF{"a":1}\n', 'utf16le').swap16()],
  ] as const) {
    for (const size of [1, 3, 1000]) {
      it(`refuses ${name} UTF-16 in words, in pieces of ${size}`, async () => {
        const failure = await failureOf(() => linesOf(bytes, size));
        expect(failure.kind).to.equal('input');
        expect(failure.message).to.equal('rows.jsonl is in UTF-16');
        expect(failure.hint).to.equal('Save it as UTF-8');
      });
    }
  }

  for (const size of [1, 4, 1000]) {
    it(`names the line that is not UTF-8, in pieces of ${size}`, async () => {
      const bytes = Buffer.concat([Buffer.from('é\n\nok\n'), Buffer.from('Müller\nx\n', 'latin1')]);
      const failure = await failureOf(() => linesOf(bytes, size));
      expect(failure.message).to.equal('rows.jsonl, line 4: not valid UTF-8');
    });
  }

  it('notices a character that is cut off at the end of the file', async () => {
    const failure = await failureOf(() => linesOf(Buffer.from('a\nb€').subarray(0, -1)));
    expect(failure.message).to.contain('line 2');
  });

  it('reads a line of 5 MB among short ones', async () => {
    const long = '漢'.repeat(5_000_000 / 3);
    const lines = await linesOf(`a\n${long}\nb\n`, 65_536);
    expect(lines.map(([number, line]) => [number, line.length])).to.deep.equal([
      [1, 1],
      [2, long.length],
      [3, 1],
    ]);
    expect(lines[1]?.[1] === long).to.equal(true);
  });

  for (let size = 1; size <= 12; size += 1) {
    it(`does not mind a source that uses its memory again, in pieces of ${size} bytes`, async () => {
      const blocks = await allOf(readLines(inOneMemory(text, size), 'rows.jsonl'));
      expect(
        blocks.flatMap(({ first, lines }) => lines.map((line, offset) => [first + offset, line])),
      ).to.deep.equal(expected);
    });
  }

  for (const [name, whole] of Object.entries({
    'with a byte order mark': '\uFEFFone\ntwo\n',
    'with a byte order mark and no line feed at the end': text,
    'without a line feed at the end': 'a\nbé',
    'with line ends of Windows': 'a\r\n\r\nb\r\n',
    'of blank lines': '\n\n\n',
    'of one line': 'é\n',
    'of a byte order mark alone': '\uFEFF',
    'without anything': '',
  })) {
    it(`knows the size of a file ${name}`, async () => {
      const size = Buffer.byteLength(whole);
      const mark = whole.startsWith('\uFEFF') ? 3 : 0;
      const lineFeed = whole === '' || whole.endsWith('\n') ? 0 : 1;
      for (let piece = 1; piece <= 12; piece += 1) {
        const blocks = await allOf(readLines(inPieces(whole, piece), 'rows.jsonl'));
        const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
        expect(bytes).to.equal(size - mark + lineFeed, `in pieces of ${piece}`);
      }
    });
  }

  it('knows the size of each block', async () => {
    for await (const { lines, bytes } of readLines(inPieces('aé\nb\n\n漢字\nlast', 5), 'x')) {
      expect(bytes).to.equal(Buffer.byteLength(lines.map((line) => `${line}\n`).join('')));
    }
  });
});
