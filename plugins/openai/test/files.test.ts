import { expect } from 'chai';
import nock from 'nock';
import { collect, collectText } from '../../provider-kit/test/support/collect.js';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { AT_ONCE, HOST, openai } from './support/provider.js';

const output = { kind: 'output', id: 'file-1' } as const;

describe('reading a file from OpenAI', () => {
  withoutNetwork();

  it('reads all of it, uncompressed', async () => {
    nock(HOST, { reqheaders: { 'accept-encoding': 'identity' }, badheaders: ['range', 'if-range'] })
      .get('/v1/files/file-1/content')
      .reply(200, 'line 1\nline 2\n', { 'content-length': '14', etag: '"v1"' });

    const opened = await openai().openFile(output);
    expect(opened).to.include({ offset: 0, totalBytes: 14, validator: '"v1"' });
    expect(await collectText(opened.stream)).to.equal('line 1\nline 2\n');
  });

  it('reads on where it was interrupted', async () => {
    nock(HOST, { reqheaders: { range: 'bytes=7-', 'if-range': '"v1"' } })
      .get('/v1/files/file-1/content')
      .reply(206, 'line 2\n', { 'content-range': 'bytes 7-13/14', etag: '"v1"' });

    const opened = await openai().openFile(output, { offset: 7, ifRange: '"v1"' });
    expect(opened).to.include({ offset: 7, totalBytes: 14 });
    expect(await collectText(opened.stream)).to.equal('line 2\n');
  });

  it('begins anew if the server cannot continue', async () => {
    nock(HOST).get('/v1/files/file-1/content').reply(200, 'all');

    expect((await openai().openFile(output, { offset: 7 })).offset).to.equal(0);
  });

  it('is at the end if nothing is left', async () => {
    nock(HOST)
      .get('/v1/files/file-1/content')
      .reply(416, { error: { message: 'range' } }, { 'content-range': 'bytes */14' });

    const opened = await openai().openFile(output, { offset: 14 });
    expect(await collectText(opened.stream)).to.equal('');
  });

  it('refuses a part of unknown place instead of gluing it in', async () => {
    nock(HOST).get('/v1/files/file-1/content').reply(206, 'line 2\n');

    const error = await providerError(openai({ maxRetries: 0 }).openFile(output, { offset: 7 }));
    expect(error.message).to.equal('OpenAI sent a part of the file without saying which');
  });

  it('does not take a web page for a file', async () => {
    nock(HOST).get('/v1/files/file-1/content').reply(200, '<html>', { 'content-type': 'text/html' });

    expect((await providerError(openai({ maxRetries: 0 }).openFile(output))).code).to.equal('unavailable');
  });

  it('opens it again after a passing failure, and escapes its id', async () => {
    nock(HOST).get('/v1/files/file%2F1/content').reply(503, {}, AT_ONCE);
    nock(HOST).get('/v1/files/file%2F1/content').reply(200, 'x');

    expect(await collectText((await openai().openFile({ ...output, id: 'file/1' })).stream)).to.equal('x');
  });

  it('says that a file is gone', async () => {
    nock(HOST)
      .get('/v1/files/file-1/content')
      .reply(404, { error: { message: 'No such File object: file-1' } });

    expect(await providerError(openai().openFile(output))).to.include({
      code: 'not_found',
      message: 'No such File object: file-1',
    });
  });
});

describe('deleting a file at OpenAI', () => {
  withoutNetwork();
  const remove = (provider = openai(), id = 'file-1') => provider.deleteFile!({ kind: 'input', id });

  it('is done when the service says so', async () => {
    nock(HOST).delete('/v1/files/file-1').reply(200, { id: 'file-1', object: 'file', deleted: true });
    await remove();
  });

  it('is done if a try whose answer was lost had done it', async () => {
    nock(HOST).delete('/v1/files/file-1').reply(500, {}, AT_ONCE);
    nock(HOST)
      .delete('/v1/files/file-1')
      .reply(404, { error: { message: 'No such File object' } });
    await remove();
  });

  it('is not done if the file never was there', async () => {
    nock(HOST)
      .delete('/v1/files/file-1')
      .reply(404, { error: { message: 'No such File object' } });

    expect((await providerError(remove())).code).to.equal('not_found');
  });

  it('is not done because some web page answered', async () => {
    nock(HOST).delete('/v1/files/file-1').reply(200, '<html>', { 'content-type': 'text/html' });
    expect((await providerError(remove())).message).to.equal('OpenAI did not confirm that file-1 is deleted');

    nock(HOST).delete('/v1/files/file-1').reply(200, { id: 'file-1', deleted: false });
    expect((await providerError(remove())).code).to.equal('unavailable');
  });

  it('cannot step out of its place', async () => {
    expect((await providerError(remove(openai(), '..'))).code).to.equal('not_found');
  });
});

describe('listing the request files at OpenAI', () => {
  withoutNetwork();

  it('goes over all pages, and leaves out what a service lists beside them', async () => {
    const page = (query: object, data: unknown[], more: boolean) =>
      nock(HOST)
        .get('/v1/files')
        .query({ purpose: 'batch', limit: 1000, order: 'desc', ...query })
        .reply(200, { object: 'list', data, has_more: more });
    const file = {
      id: 'file-2',
      purpose: 'batch',
      filename: 'a.jsonl',
      bytes: 12,
      created_at: 1711471064,
      expires_at: 1714063064,
    };
    page({}, [file, { id: 'file-out', purpose: 'batch_output' }], true);
    page({ after: 'file-out' }, [{ id: 'file-1', expires_at: null }], false);

    expect(await collect(openai().listFiles!())).to.deep.equal([
      {
        kind: 'input',
        id: 'file-2',
        name: 'a.jsonl',
        bytes: 12,
        created: new Date(1711471064000),
        expires: new Date(1714063064000),
      },
      { kind: 'input', id: 'file-1' },
    ]);
  });

  it('is not fooled by a web page', async () => {
    nock(HOST).get('/v1/files').query(true).reply(200, '<html>', { 'content-type': 'text/html' });

    expect((await providerError(collect(openai().listFiles!()))).code).to.equal('unavailable');
  });
});
