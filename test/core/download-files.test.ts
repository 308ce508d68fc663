import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProviderError, type BatchFileKind, type BatchProvider } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { downloadFiles, type DownloadedFile } from '../../src/core/download-files.js';
import { failureOf, providerFailureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { inPieces } from '../support/streams.js';
import { makeBatch, openFake } from './support/fake-provider.js';

const content = { input: 'in\r\n', output: '\uFEFFout\0', errors: 'err' };

describe('downloading files of a batch', () => {
  let folder: string;
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'file.jsonl');
  });
  afterEach(() => remove());

  async function download(
    which: BatchFileKind[],
    there: BatchFileKind[] = ['input', 'output', 'errors'],
    provider: Partial<BatchProvider> = {},
  ): Promise<DownloadedFile[]> {
    const session = openFake({
      openFile: async ({ kind }) => ({ stream: inPieces(content[kind], 2), offset: 0 }),
      ...provider,
    });
    const batch = makeBatch({ files: there.map((kind) => ({ kind, id: kind })) });
    return await downloadFiles({ session, batch, path, which });
  }

  it('keeps every byte', async () => {
    expect(await download(['output'])).to.deep.equal([{ kind: 'output', path, bytes: 7 }]);
    expect((await readFile(path)).equals(Buffer.from(content.output))).to.equal(true);
  });

  it('gives each of several its kind before the extension', async () => {
    await download(['output', 'errors']);
    expect((await readdir(folder)).sort()).to.deep.equal(['file.errors.jsonl', 'file.output.jsonl']);
  });

  it('says what there is if there is nothing of what was asked for', async () => {
    const failure = await failureOf(() => download(['output', 'errors'], ['input']));
    expect(failure.kind).to.equal('state');
    expect(failure.message).to.equal('Batch fake_1 (completed) has no output and no errors file');
    expect(failure.hint).to.equal('It has: input');
  });

  it('refuses to mix files on standard output', async () => {
    path = '-';
    expect((await failureOf(() => download(['output', 'errors']))).kind).to.equal('usage');
  });

  it('downloads nothing if one of the names is taken', async () => {
    await writeFile(join(folder, 'file.errors.jsonl'), 'old');
    await failureOf(() => download(['output', 'errors']));
    expect(await readdir(folder)).to.deep.equal(['file.errors.jsonl']);
  });

  it('leaves no part of a file behind', async () => {
    const cut = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('part');
      throw new Error('cut');
    };
    let opened = 0;
    const openFile: BatchProvider['openFile'] = async () => {
      opened += 1;
      if (opened > 1) throw new ProviderError('unavailable', 'down');
      return { stream: cut(), offset: 0 };
    };
    await providerFailureOf(() => download(['output'], ['output'], { openFile }));
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
