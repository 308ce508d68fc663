import { expect } from 'chai';
import { multipartForm, streamOf } from '@instructor-cli/provider-kit/wire';
import { caught } from '../support/caught.js';
import { requestSource } from '../support/request-source.js';

const textOf = (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text();

describe('a multipart form', () => {
  it('has its fields before the file, and exactly the announced length', async () => {
    const source = requestSource([{ a: 'ü' }, { b: 2 }]);
    const sent: number[] = [];
    const form = multipartForm(
      { purpose: 'batch', 'expires_after[seconds]': '3600' },
      {
        field: 'file',
        name: 'r.jsonl',
        type: 'application/jsonl',
        bytes: source.bytes,
        open: () => source.open(),
      },
      (bytes) => sent.push(bytes),
    );
    const text = await textOf(form.body);

    expect(Buffer.byteLength(text)).to.equal(form.contentLength);
    const parsed = await new Response(text, { headers: { 'content-type': form.contentType } }).formData();
    expect([...parsed.keys()]).to.deep.equal(['purpose', 'expires_after[seconds]', 'file']);
    const file = parsed.get('file') as File;
    expect(file.name).to.equal('r.jsonl');
    expect(await file.text()).to.equal(source.text);
    expect(sent.at(-1)).to.equal(source.bytes);
    expect(sent).to.deep.equal([...sent].sort((a, b) => a - b));
  });

  it('cannot be broken by an odd file name', async () => {
    const source = requestSource([{}]);
    const form = multipartForm(
      {},
      {
        field: 'file',
        name: 'a"\r\nX-Evil: 1\r\n.jsonl',
        type: 'text/plain',
        bytes: source.bytes,
        open: () => source.open(),
      },
    );
    const text = await textOf(form.body);

    expect(text).to.include('filename="a%22%0D%0AX-Evil: 1%0D%0A.jsonl"');
    expect(Buffer.byteLength(text)).to.equal(form.contentLength);
  });
});

describe('a stream over an iterable', () => {
  it('stops the iterable when it is given up', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        closed = true;
      }
    }
    const reader = streamOf(endless()).getReader();
    await reader.read();
    await reader.cancel();

    expect(closed).to.equal(true);
  });

  it('reads nothing before somebody asks', async () => {
    const source = requestSource([{}]);
    const stream = streamOf(source.open());
    await new Promise((resolve) => setImmediate(resolve));

    expect(source.opened).to.equal(0);
    await stream.cancel();
  });

  it('fails as the iterable fails', async () => {
    const failure = new Error('disk');
    // eslint-disable-next-line require-yield -- it fails before it has anything to give
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw failure;
    }
    expect(await caught(textOf(streamOf(broken())))).to.equal(failure);
  });
});
