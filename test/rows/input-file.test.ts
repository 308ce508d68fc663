import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFileBytes } from '../../src/rows/input-file.js';
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
