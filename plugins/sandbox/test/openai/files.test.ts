import { expect } from 'chai';
import OpenAI, { type APIError } from 'openai';
import { chatLines, openAiClient, upload } from '../support/openai.js';
import { closeSandboxes, openSandbox, type Json } from '../support/sandbox.js';

describe('OpenAI files', () => {
  afterEach(closeSandboxes);

  it('are uploaded, described, listed by purpose, read and deleted', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox);
    const text = `${chatLines(2).join('\n')}\n`;
    const file = await client.files.create({ file: new File([text], 'in.jsonl'), purpose: 'batch' });
    expect(file).to.include({ object: 'file', filename: 'in.jsonl', purpose: 'batch', status: 'processed' });
    expect(file.bytes).to.equal(Buffer.byteLength(text));
    expect(file.expires_at).to.equal(file.created_at + 30 * 24 * 3600);
    expect(await client.files.retrieve(file.id)).to.deep.equal(file);
    expect(await (await client.files.content(file.id)).text()).to.equal(text);

    const other = await client.files.create({ file: new File(['x'], 'x.txt'), purpose: 'user_data' });
    expect(other.expires_at).to.equal(null);
    expect((await client.files.list({ purpose: 'batch' })).data.map(({ id }) => id)).to.deep.equal([file.id]);
    expect((await client.files.list()).data.map(({ id }) => id)).to.deep.equal([other.id, file.id]);

    expect(await client.files.delete(file.id)).to.deep.equal({ id: file.id, object: 'file', deleted: true });
    const gone = await client.files.retrieve(file.id).catch((error: unknown) => error);
    expect(gone).to.be.instanceOf(OpenAI.NotFoundError);
    expect(sandbox.stats()).to.include({ filesUploaded: 2, filesDeleted: 1 });
  });

  it('expire when the upload says so', async () => {
    const client = openAiClient(await openSandbox());
    const file = new File(['{}'], 'in.jsonl');
    const create = (seconds: number) =>
      client.files.create({ file, purpose: 'batch', expires_after: { anchor: 'created_at', seconds } });
    const kept = await create(7200);
    expect(kept.expires_at).to.equal(kept.created_at + 7200);
    expect(await create(60).catch((error: APIError) => error.param)).to.equal('expires_after.seconds');
  });

  it('must be called .jsonl to be used in a batch', async () => {
    const client = openAiClient(await openSandbox());
    const error = await client.files
      .create({ file: new File(['{}'], 'in.txt'), purpose: 'batch' })
      .catch((problem: APIError) => problem);
    expect(error).to.include({ status: 400 });
    expect((error as Error).message).to.contain('Must be .jsonl');
  });

  it('are listed page by page', async () => {
    const client = openAiClient(await openSandbox());
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) ids.unshift(await upload(client, ['{}']));
    const seen: string[] = [];
    for await (const file of client.files.list({ limit: 2 })) seen.push(file.id);
    expect(seen).to.deep.equal(ids);
    const page = await client.files.list({ limit: 2, order: 'asc' });
    expect(page.data.map(({ id }) => id)).to.deep.equal(ids.slice(-2).reverse());
  });

  describe('downloads', () => {
    async function stored(text: string) {
      const sandbox = await openSandbox();
      const id = await upload(openAiClient(sandbox), [text]);
      return (headers: Record<string, string> = {}) =>
        fetch(`${sandbox.openaiBaseUrl}/files/${id}/content`, {
          headers: { authorization: `Bearer ${sandbox.key}`, ...headers },
        });
    }

    it('name their length and identity', async () => {
      const response = await (await stored('0123456789'))();
      expect(response.status).to.equal(200);
      expect(response.headers.get('content-length')).to.equal('11');
      expect(response.headers.get('content-type')).to.equal('application/octet-stream');
      expect(response.headers.get('accept-ranges')).to.equal('bytes');
      expect(response.headers.get('etag')).to.match(/^".+"$/);
    });

    it('continue in the middle', async () => {
      const download = await stored('0123456789');
      const response = await download({ range: 'bytes=4-' });
      expect(response.status).to.equal(206);
      expect(response.headers.get('content-range')).to.equal('bytes 4-10/11');
      expect(await response.text()).to.equal('456789\n');
      expect(await (await download({ range: 'bytes=2-3' })).text()).to.equal('23');
      expect(await (await download({ range: 'bytes=-3' })).text()).to.equal('89\n');
      const beyond = await download({ range: 'bytes=11-' });
      expect([beyond.status, beyond.headers.get('content-range')]).to.deep.equal([416, 'bytes */11']);
    });

    it('start over if the file is not the one that was begun', async () => {
      const download = await stored('0123456789');
      const etag = (await download()).headers.get('etag') ?? '';
      expect((await download({ range: 'bytes=4-', 'if-range': etag })).status).to.equal(206);
      const changed = await download({ range: 'bytes=4-', 'if-range': '"another"' });
      expect(changed.status).to.equal(200);
      expect(await changed.text()).to.equal('0123456789\n');
    });
  });

  it('report faults as the service does', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox, 'sk-real-looking-key');
    const refused: Json = await client.files.list().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(OpenAI.AuthenticationError);
    expect(refused.code).to.equal('invalid_api_key');
    expect(refused.requestID).to.match(/^req_/);
    expect(refused.message).to.not.contain('sk-real-looking-key');

    const keyless = await fetch(`${sandbox.openaiBaseUrl}/files`);
    expect(keyless.status).to.equal(401);
    const headers = { authorization: `Bearer ${sandbox.key}` };
    const lost = await fetch(`${sandbox.openaiBaseUrl}/nothing`, { headers });
    expect([lost.status, await lost.json()]).to.deep.equal([
      404,
      {
        error: {
          message: 'Invalid URL (GET /v1/nothing)',
          type: 'invalid_request_error',
          param: null,
          code: null,
        },
      },
    ]);
  });
});
