import { expect } from 'chai';
import nock from 'nock';
import type { BatchFile, SubmitOptions } from '@instructor-cli/provider-kit';
import { caught, providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { requestSource } from '../../provider-kit/test/support/request-source.js';
import { AT_ONCE, batchObject, HOST, openai } from './support/provider.js';

const source = () => requestSource([{ custom_id: 'ü-1' }, { custom_id: 'r-2' }]);
const submit = (options: Partial<SubmitOptions> = {}, provider = openai()) =>
  provider.submit({ source: source(), traits: [], ...options });
const uploaded = { id: 'file-1', object: 'file' };

describe('submitting to OpenAI', () => {
  withoutNetwork();

  it('uploads the file as a stream of known length and creates the batch from it', async () => {
    const file = source();
    const sent: number[] = [];
    const files: BatchFile[] = [];
    let form = '';
    const upload = nock(HOST, { reqheaders: { authorization: 'Bearer sk-test-0123456789' } })
      .post('/v1/files', (body: string) => {
        form = body;
        return true;
      })
      .reply(200, uploaded);
    let announced: unknown;
    upload.on('request', (request: { getHeader(name: string): unknown }) => {
      announced = request.getHeader('content-length');
    });
    nock(HOST)
      .post('/v1/batches', {
        input_file_id: 'file-1',
        endpoint: '/v1/responses',
        completion_window: '24h',
        metadata: { team: 'x' },
        output_expires_after: { anchor: 'created_at', seconds: 3600 },
      })
      .reply(200, batchObject('batch_1', { input_file_id: 'file-1' }));

    const batch = await submit({
      source: file,
      endpoint: '/v1/responses',
      metadata: { team: 'x' },
      expiresAfterSeconds: 3600,
      onProgress: (bytes) => sent.push(bytes),
      onUploaded: (uploadedFile) => void files.push(uploadedFile),
    });

    expect(batch).to.deep.include({ id: 'batch_1', status: 'pending' });
    expect(Number(String(announced))).to.equal(Buffer.byteLength(form));
    const names = [...form.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name);
    expect(names).to.deep.equal(['purpose', 'expires_after[anchor]', 'expires_after[seconds]', 'file']);
    expect(form).to.include('filename="requests.jsonl"').and.to.include(`\r\n\r\n${file.text}\r\n--`);
    expect(sent.at(-1)).to.equal(file.bytes);
    expect(files).to.deep.equal([{ kind: 'input', id: 'file-1' }]);
  });

  it('says nothing of what was not asked for', async () => {
    nock(HOST)
      .post('/v1/files', /name="purpose"\r\n\r\nbatch\r\n--[^]*name="file"/)
      .reply(200, uploaded);
    nock(HOST)
      .post('/v1/batches', {
        input_file_id: 'file-1',
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      })
      .reply(200, batchObject('batch_1'));

    expect((await submit({ metadata: {} })).id).to.equal('batch_1');
  });

  it('uploads once more after a failure of the service, from the start', async () => {
    const file = source();
    const whole = (body: string) => body.includes(file.text);
    const sent: number[] = [];
    nock(HOST)
      .post('/v1/files', whole)
      .reply(500, { error: { message: 'oops' } }, AT_ONCE);
    nock(HOST).post('/v1/files', whole).reply(200, uploaded);
    nock(HOST).post('/v1/batches').reply(200, batchObject('batch_1'));

    await submit({ source: file, onProgress: (bytes) => sent.push(bytes) });

    expect(file.opened).to.equal(2);
    expect(sent.filter((bytes) => bytes === file.bytes)).to.have.length(2);
  });

  it('does not create a batch if the upload was refused', async () => {
    nock(HOST)
      .post('/v1/files')
      .reply(400, { error: { message: 'Invalid file format for Batch API.', code: null } });

    const error = await providerError(submit());
    expect(error).to.include({ code: 'invalid_request', message: 'Invalid file format for Batch API.' });
  });

  it('does not take a web page for an uploaded file', async () => {
    nock(HOST).post('/v1/files').reply(200, '<html>', { 'content-type': 'text/html' });

    expect((await providerError(submit())).message).to.match(/^OpenAI answered the upload with something/);
  });

  it('passes on that the file cannot be read, without trying again', async () => {
    const failure = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
    const file = source();
    let opened = 0;
    file.open = () => {
      opened += 1;
      throw failure;
    };
    nock(HOST).post('/v1/files').optionally().reply(200, uploaded);

    expect(await caught(submit({ source: file }))).to.equal(failure);
    expect(opened).to.equal(1);
  });

  it('stops if the file changed since it was measured', async () => {
    const file = source();
    nock(HOST).post('/v1/files').optionally().reply(200, uploaded);

    const error = await providerError(submit({ source: { ...file, bytes: file.bytes + 1 } }));
    expect(error.message).to.match(/requests.jsonl is no longer \d+ bytes long/);
  });
});

describe('a lost answer to the creation of an OpenAI batch', () => {
  withoutNetwork();

  beforeEach(() => {
    nock(HOST).post('/v1/files').reply(200, uploaded);
  });

  const lost: [what: string, answer: (interceptor: nock.Interceptor) => void][] = [
    ['a failure of the service', (create) => create.reply(500, { error: { message: 'oops' } }, AT_ONCE)],
    ['a web page', (create) => create.reply(200, '<html>', { 'content-type': 'text/html' })],
    [
      'half an answer',
      (create) => create.reply(200, '{"id":"batch_', { 'content-type': 'application/json' }),
    ],
    [
      'a connection that is cut',
      (create) => create.replyWithError(Object.assign(new Error('cut'), { code: 'ECONNRESET' })),
    ],
  ];
  for (const [what, answer] of lost) {
    it(`because of ${what}: the batch is found by its file, not created again`, async () => {
      answer(nock(HOST).post('/v1/batches'));
      nock(HOST)
        .get('/v1/batches?limit=100')
        .reply(200, {
          data: [
            { odd: true },
            batchObject('batch_other', { input_file_id: 'file-0' }),
            batchObject('batch_1', { input_file_id: 'file-1' }),
          ],
        });

      expect((await submit()).id).to.equal('batch_1');
    });
  }

  it('stays an open question if no batch with the file is listed', async () => {
    nock(HOST)
      .post('/v1/batches')
      .reply(500, { error: { message: 'oops' } }, AT_ONCE);
    nock(HOST)
      .get('/v1/batches?limit=100')
      .reply(200, { data: [{ odd: true }, null] });

    const error = await providerError(submit());
    expect(error).to.include({ code: 'unavailable', message: 'oops', outcomeUnknown: true });
    expect(error.hint).to.match(/not known whether.*file-1: instructor batch list --provider openai/);
  });

  it('stays an open question if the list cannot be had', async () => {
    nock(HOST)
      .post('/v1/batches')
      .reply(500, { error: { message: 'oops' } }, AT_ONCE);
    nock(HOST).get('/v1/batches?limit=100').times(3).reply(503, {}, AT_ONCE);

    expect(await providerError(submit())).to.include({ message: 'oops', outcomeUnknown: true });
  });

  it('is no question if nothing was sent', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    nock(HOST).post('/v1/batches').replyWithError(refused);

    const error = await providerError(submit());
    expect(error.code).to.equal('network');
    expect(error.outcomeUnknown).to.equal(undefined);
  });

  it('is none if the service said no', async () => {
    nock(HOST)
      .post('/v1/batches')
      .reply(400, { error: { message: 'no such endpoint' } });

    const error = await providerError(submit());
    expect(error).to.include({ code: 'invalid_request', message: 'no such endpoint' });
    expect(error.outcomeUnknown).to.equal(undefined);
  });

  it('does not make a rate limit create a second one', async () => {
    nock(HOST)
      .post('/v1/batches')
      .reply(429, { error: { message: 'slow', code: 'rate_limit_exceeded' } }, AT_ONCE);

    expect((await providerError(submit())).code).to.equal('rate_limited');
  });
});

describe('an upload of before', () => {
  withoutNetwork();
  const before = { kind: 'input', id: 'file-1' } as const;
  const created = () =>
    nock(HOST)
      .post('/v1/batches', ({ input_file_id: id }) => id === 'file-1')
      .reply(200, batchObject('batch_1'));

  it('is written down before the batch is created', async () => {
    const steps: string[] = [];
    nock(HOST).post('/v1/files').reply(200, uploaded);
    created().on('request', () => steps.push('created'));

    await submit({
      onUploaded: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        steps.push('written');
      },
    });

    expect(steps).to.deep.equal(['written', 'created']);
  });

  it('becomes no batch if it cannot be written down', async () => {
    const full = new Error('disk full');
    nock(HOST).post('/v1/files').reply(200, uploaded);

    expect(await caught(submit({ onUploaded: () => Promise.reject(full) }))).to.equal(full);
  });

  it('is used again instead of being sent once more', async () => {
    const files: BatchFile[] = [];
    created();

    expect((await submit({ uploaded: before, onUploaded: (file) => void files.push(file) })).id).to.equal(
      'batch_1',
    );
    expect(files).to.deep.equal([]);
  });

  for (const [status, message] of [
    [400, 'No such File object: file-1'],
    [404, 'Not found'],
    [400, 'Input file file-1 does not exist or has expired'],
    [422, 'Could not find file-1'],
  ] as const) {
    it(`is not found if the service says: ${status} ${message}`, async () => {
      nock(HOST).post('/v1/batches').reply(status, { error: { message } });

      const error = await providerError(submit({ uploaded: before }));
      expect(error).to.include({ code: 'not_found', message, status });
      expect(error.outcomeUnknown).to.equal(undefined);
    });
  }

  it('has nothing to do with other refusals', async () => {
    nock(HOST)
      .post('/v1/batches')
      .reply(400, { error: { message: 'no such endpoint' } });

    expect((await providerError(submit({ uploaded: before }))).code).to.equal('invalid_request');
  });
});

describe('a lost answer that the caller looks into', () => {
  withoutNetwork();

  for (const status of [408, 500, 503]) {
    it(`is told at once after ${status}`, async () => {
      nock(HOST).post('/v1/files').reply(200, uploaded);
      nock(HOST)
        .post('/v1/batches')
        .reply(status, { error: { message: 'oops' } }, AT_ONCE);

      expect(await providerError(submit({ leaveLost: true }))).to.include({
        code: 'unavailable',
        outcomeUnknown: true,
      });
    });
  }

  it('is none if the upload failed: there can be no batch', async () => {
    nock(HOST).post('/v1/files').reply(500, {}, AT_ONCE);

    const error = await providerError(submit({ leaveLost: true }, openai({ maxRetries: 0 })));
    expect(error.code).to.equal('unavailable');
    expect(error.outcomeUnknown).to.equal(undefined);
  });

  it('is none if the queue is full', async () => {
    nock(HOST).post('/v1/files').reply(200, uploaded);
    nock(HOST)
      .post('/v1/batches')
      .reply(429, { error: { message: 'Enqueued token limit reached' } }, AT_ONCE);

    const error = await providerError(submit({ leaveLost: true }));
    expect(error).to.include({ code: 'rate_limited', obstacle: 'queue_full' });
    expect(error.outcomeUnknown).to.equal(undefined);
  });
});
