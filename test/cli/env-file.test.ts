import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readEnvFile } from '../../src/cli/env-file.js';
import { isExplicit, settingOf } from '../../src/cli/explicit.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';

describe('a file with the environment', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  it('is read, with comments, quotes and export', async () => {
    const path = join(folder, '.env');
    await writeFile(path, '# keys\nOPENAI_API_KEY="sk # 1"\nexport OTHER=x\n\nEMPTY=\n');
    expect({ ...readEnvFile(path) }).to.deep.equal({ OPENAI_API_KEY: 'sk # 1', OTHER: 'x', EMPTY: '' });
  });

  it('may begin with a byte order mark', async () => {
    const path = join(folder, 'marked.env');
    await writeFile(path, '\uFEFFOPENAI_API_KEY=x\r\n');
    expect({ ...readEnvFile(path) }).to.deep.equal({ OPENAI_API_KEY: 'x' });
  });

  it('is named when it is not there', async () => {
    const path = join(folder, 'none');
    const failure = await failureOf(() => readEnvFile(path));
    expect(failure.message).to.equal(`Cannot read ${path}: there is no such file or folder`);
  });
});

describe('a flag with a default', () => {
  it('is known to be written by the user or not', () => {
    const metadata = { flags: { model: { setFromDefault: true }, poll: {} } };
    expect(isExplicit(metadata, 'model')).to.equal(false);
    expect(isExplicit(metadata, 'poll')).to.equal(true);
    expect(settingOf(metadata, 'model', 'x')).to.deep.equal({ value: 'x', explicit: false });
  });
});
