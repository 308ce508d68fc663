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

describe('records on disk', () => {
  const COUNT = 3000;
  let spool: Spool;

  before(async () => {
    spool = await Spool.create();
    for (let number = 0; number < COUNT; number += 1) await spool.add(recordOf(number));
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
    await spool.add('x');
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
