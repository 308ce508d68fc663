import { expect } from 'chai';
import nock from 'nock';
import { collect } from '../../provider-kit/test/support/collect.js';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { AT_ONCE, batchObject, HOST, openai } from './support/provider.js';

const page = (from: number, count: number, has_more: boolean) => ({
  object: 'list',
  data: Array.from({ length: count }, (_, index) => batchObject(`batch_${from + index}`)),
  has_more,
});

describe('listing OpenAI batches', () => {
  withoutNetwork();

  it('asks for three pages where 250 are wanted', async () => {
    nock(HOST)
      .get('/v1/batches?limit=100')
      .reply(200, page(0, 100, true));
    nock(HOST)
      .get('/v1/batches?limit=100&after=batch_99')
      .reply(200, page(100, 100, true));
    nock(HOST)
      .get('/v1/batches?limit=50&after=batch_199')
      .reply(200, page(200, 50, true));

    const batches = await collect(openai().list({ limit: 250 }));
    expect(batches).to.have.length(250);
    expect(batches.at(-1)?.id).to.equal('batch_249');
  });

  it('asks once for a few', async () => {
    nock(HOST)
      .get('/v1/batches?limit=20')
      .reply(200, page(0, 20, true));

    expect(await collect(openai().list({ limit: 20 }))).to.have.length(20);
  });

  it('asks for everything where no number is given', async () => {
    nock(HOST)
      .get('/v1/batches?limit=100')
      .reply(200, page(0, 100, true));
    nock(HOST)
      .get('/v1/batches?limit=100&after=batch_99')
      .reply(200, page(100, 1, false));

    expect(await collect(openai().list())).to.have.length(101);
  });

  it('asks for no further page when nobody reads on', async () => {
    nock(HOST)
      .get('/v1/batches?limit=100')
      .reply(200, page(0, 100, true));

    for await (const { id } of openai().list()) if (id === 'batch_42') break;
  });

  it('tries a page again', async () => {
    const told: string[] = [];
    nock(HOST).get('/v1/batches?limit=1').reply(502, '<html>', AT_ONCE);
    nock(HOST)
      .get('/v1/batches?limit=1')
      .reply(200, page(0, 1, false));

    const provider = openai({ onRetry: ({ reason, delayMs }) => told.push(`${reason}, ${delayMs}`) });
    expect(await collect(provider.list({ limit: 1 }))).to.have.length(1);
    expect(told).to.deep.equal(['OpenAI answered 502 with a web page instead of data, 1']);
  });

  it('does not take a web page for an empty list', async () => {
    nock(HOST).get('/v1/batches?limit=100').reply(200, '<html>', { 'content-type': 'text/html' });

    expect((await providerError(collect(openai().list()))).message).to.equal(
      'OpenAI sent something that is not a batch',
    );
  });
});

describe('looking at an OpenAI batch', () => {
  withoutNetwork();

  it('reads it, with the pause the service wishes', async () => {
    nock(HOST)
      .get('/v1/batches/batch_1')
      .reply(200, batchObject('batch_1', { status: 'in_progress' }), { 'retry-after': '10' });

    expect(await openai().retrieve('batch_1')).to.include({ status: 'processing', pollAfterSeconds: 10 });
  });

  it('escapes an odd id, and asks nobody about an impossible one', async () => {
    nock(HOST)
      .get('/v1/batches/a%2Fb%3Fc%20%C3%BC')
      .reply(404, { error: { message: 'No batch found' } });

    expect((await providerError(openai().retrieve('a/b?c ü'))).code).to.equal('not_found');
    for (const id of ['..', ''])
      expect((await providerError(openai().retrieve(id))).code).to.equal('not_found');
  });
});

describe('cancelling an OpenAI batch', () => {
  withoutNetwork();

  it('gives it as it is afterwards', async () => {
    nock(HOST)
      .post('/v1/batches/batch_1/cancel')
      .reply(200, batchObject('batch_1', { status: 'cancelling' }));

    expect((await openai().cancel('batch_1')).status).to.equal('cancelling');
  });

  it('succeeds if a try whose answer was lost had done it', async () => {
    nock(HOST).post('/v1/batches/batch_1/cancel').reply(500, {}, AT_ONCE);
    nock(HOST)
      .post('/v1/batches/batch_1/cancel')
      .reply(409, { error: { message: 'already cancelling' } });
    nock(HOST)
      .get('/v1/batches/batch_1')
      .reply(200, batchObject('batch_1', { status: 'cancelling' }));

    expect((await openai().cancel('batch_1')).status).to.equal('cancelling');
  });

  it('fails if the first try is refused', async () => {
    nock(HOST)
      .post('/v1/batches/batch_1/cancel')
      .reply(409, { error: { message: 'Cannot cancel a batch' } });

    expect((await providerError(openai().cancel('batch_1'))).code).to.equal('wrong_state');
  });

  it('fails if it was refused for another reason after a lost try', async () => {
    nock(HOST).post('/v1/batches/batch_1/cancel').reply(500, {}, AT_ONCE);
    nock(HOST)
      .post('/v1/batches/batch_1/cancel')
      .reply(409, { error: { message: 'it has completed' } });
    nock(HOST)
      .get('/v1/batches/batch_1')
      .reply(200, batchObject('batch_1', { status: 'completed' }));

    expect((await providerError(openai().cancel('batch_1'))).message).to.equal('it has completed');
  });
});
