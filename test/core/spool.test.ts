import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Spool } from '../../src/core/spool.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';

/** Records of many lengths: none, short, with wide characters, and longer than any window. */
function recordOf(number: number): string {
  if (number % 500 === 7) return `${number} ${'漢'.repeat(400_000)}`;
  return number % 31 === 0 ? '' : `${number} ${'é'.repeat((number * 7919) % 900)}`;
}

/** Adds one record; its bytes are overwritten afterwards, as a reader that uses its memory again would do. */
async function put(spool: Spool, record: string): Promise<void> {
  const bytes = Buffer.from(record);
  const offset = spool.end;
  const full = spool.append(bytes);
  if (full) await full;
  spool.add(offset, bytes.byteLength);
  bytes.fill('#');
}

/** A spool that holds these records and nothing else, for as long as the work takes. */
async function withRecords(records: readonly string[], work: (spool: Spool) => unknown): Promise<void> {
  const spool = await Spool.create();
  try {
    for (const record of records) await put(spool, record);
    await spool.flush();
    await work(spool);
  } finally {
    await spool.close();
  }
}

/** Says no more than which ones are wrong: the records are far too long for a message. */
function wrongOnes(spool: Spool, records: readonly string[], order?: Iterable<number>): number[] {
  return [...(order ?? records.keys())].filter((number) => spool.get(number) !== records[number]);
}

describe('records on disk', () => {
  const COUNT = 3000;
  let spool: Spool;

  before(async () => {
    spool = await Spool.create();
    for (let number = 0; number < COUNT; number += 1) await put(spool, recordOf(number));
    await spool.flush();
  });
  after(() => spool.close());

  function mistakes(numbers: Iterable<number>): number[] {
    const wrong: number[] = [];
    for (const number of numbers) if (spool.get(number) !== recordOf(number)) wrong.push(number);
    return wrong;
  }

  it('are counted', () => {
    expect(spool.size).to.equal(COUNT);
  });

  it('come back in their own order', async () => {
    expect(mistakes(Array(COUNT).keys())).to.deep.equal([]);
  });

  it('come back from the last to the first', async () => {
    expect(mistakes([...Array(COUNT).keys()].reverse())).to.deep.equal([]);
  });

  it('come back in any order, and again and again', async () => {
    expect(mistakes([...Array(COUNT * 2).keys()].map((at) => (at * 1_103) % COUNT))).to.deep.equal([]);
  });

  it('come back nearly in order', async () => {
    expect(mistakes([...Array(COUNT).keys()].map((at) => at ^ 3).filter((at) => at < COUNT))).to.deep.equal(
      [],
    );
  });
});

describe('records and the pages they are read in', () => {
  const PAGE_BYTES = 16 * 1024;
  const PAGES = 1024;

  /** A text that is the same nowhere, so that a byte from elsewhere shows. */
  function textOf(length: number, seed: number): string {
    let text = '';
    for (let at = 0; text.length < length; at += 1) text += `${seed}:${at.toString(36)} `;
    return text.slice(0, length);
  }

  it('gives a record whole that crosses from one page into the next, wherever it is cut', async () => {
    const records = [textOf(PAGE_BYTES - 20, 0)];
    for (let number = 1; number < 200; number += 1) {
      // Each page border falls one byte further into its record, characters of several bytes included.
      records.push(`${textOf(30, number)}漢字é😀`, textOf(PAGE_BYTES - 43, number));
    }
    await withRecords(records, (spool) => {
      expect(wrongOnes(spool, records)).to.deep.equal([]);
      expect(wrongOnes(spool, records, [...records.keys()].reverse())).to.deep.equal([]);
    });
  });

  it('gives records that end and begin exactly at a page border', async () => {
    const sizes = [PAGE_BYTES, PAGE_BYTES, 1, PAGE_BYTES - 1, PAGE_BYTES / 2, PAGE_BYTES / 2, PAGE_BYTES];
    const records = sizes.map(textOf);
    await withRecords(records, (spool) => {
      expect(wrongOnes(spool, records)).to.deep.equal([]);
    });
  });

  it('gives a record that is longer than a page, and the short ones around it', async () => {
    const lengths = [PAGE_BYTES - 1, PAGE_BYTES, PAGE_BYTES + 1, 2 * PAGE_BYTES, 5 * PAGE_BYTES + 77];
    const records = lengths.flatMap((length, at) => ['before', textOf(length, at), '', 'after']);
    await withRecords(records, (spool) => {
      expect(wrongOnes(spool, records)).to.deep.equal([]);
      expect(wrongOnes(spool, records, [...records.keys()].reverse())).to.deep.equal([]);
    });
  });

  it('gives a record that is longer than all pages together', async () => {
    const records = ['before', textOf(PAGES * PAGE_BYTES + 100_001, 1), 'after'];
    await withRecords(records, (spool) => {
      expect(wrongOnes(spool, records, [0, 1, 2, 1, 0])).to.deep.equal([]);
    });
  });

  it('does not take a page for another one that was kept in its place', async () => {
    // Records of about a tenth of a page, so that some lie in one page and some in two.
    const size = 1_700;
    const apart = Math.round((PAGES * PAGE_BYTES) / size);
    const count = 2 * apart + 500;
    const records = [...Array(count).keys()].map((number) => textOf(size, number));
    await withRecords(records, (spool) => {
      const order: number[] = [];
      for (let number = 0; number < 400; number += 1) {
        order.push(number, number + apart, number + 2 * apart, number + apart, number);
      }
      expect(wrongOnes(spool, records, order)).to.deep.equal([]);
    });
  });

  for (const last of [0, 1, 10, PAGE_BYTES - 1]) {
    it(`gives the records of a last page that holds ${last} bytes`, async () => {
      const records = [textOf(PAGE_BYTES - 5, 0), `12345${textOf(last, 1)}`, ''];
      await withRecords(records, (spool) => {
        expect(spool.end).to.equal(PAGE_BYTES + last);
        expect(wrongOnes(spool, records, [2, 1, 0, 1, 2])).to.deep.equal([]);
      });
    });
  }

  it('gives the only record of a nearly empty file', async () => {
    await withRecords(['é'], (spool) => {
      expect(spool.get(0)).to.equal('é');
    });
  });
});

describe('records that come many at a time', () => {
  it('are found where it was said that they are, and what lies between them is left out', async () => {
    const spool = await Spool.create();
    try {
      const records: string[] = [];
      for (let block = 0; block < 300; block += 1) {
        const lines = [...Array(block % 7).keys()].map((line) => `${block}/${line} ${'ä'.repeat(block * 9)}`);
        const base = spool.end;
        const full = spool.append(Buffer.from(lines.join('\n')));
        if (full) await full;
        let start = base;
        for (const line of lines) {
          spool.add(start, Buffer.byteLength(line));
          start += Buffer.byteLength(line) + 1;
        }
        records.push(...lines);
      }
      await spool.flush();
      expect(spool.size).to.equal(records.length);
      expect(wrongOnes(spool, records)).to.deep.equal([]);
    } finally {
      await spool.close();
    }
  });

  it('may lie in bytes that are larger than any block', async () => {
    const spool = await Spool.create();
    try {
      const bytes = Buffer.from('0123456789'.repeat(200_000));
      expect(spool.end).to.equal(0);
      await spool.append(bytes);
      expect(spool.end).to.equal(bytes.byteLength);
      const places = [0, 999_999, 524_285, 1_048_570, bytes.byteLength - 10];
      for (const place of places) spool.add(place, 10);
      await spool.flush();
      for (const [number, place] of places.entries()) {
        expect(spool.get(number)).to.equal(bytes.toString('latin1', place, place + 10));
      }
    } finally {
      await spool.close();
    }
  });
});

describe('the place of records on disk', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const saved = process.env['TMPDIR'];

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    process.env['TMPDIR'] = folder;
  });
  afterEach(async () => {
    if (saved === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = saved;
    await remove();
  });

  it('is removed at the end', async function () {
    if (process.platform === 'win32') this.skip();
    const spool = await Spool.create();
    expect(await readdir(folder)).to.have.length(1);
    await put(spool, 'x');
    await spool.close();
    expect(await readdir(folder)).to.deep.equal([]);
    expect(existsSync(tmpdir())).to.equal(true);
  });

  it('is named when it cannot be written', async function () {
    if (process.platform === 'win32') this.skip();
    process.env['TMPDIR'] = join(folder, 'none');
    const failure = await failureOf(() => Spool.create());
    expect(failure.message).to.equal(`Cannot write ${join(folder, 'none')}: there is no such file or folder`);
  });
});
