import { expect } from 'chai';
import nock from 'nock';
import { collect, collectText } from '../../provider-kit/test/support/collect.js';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { anthropic, AT_ONCE, batchObject, errorBody, HOST, PATH } from './support/provider.js';

const page = (from: number, count: number, has_more: boolean) => ({
  data: Array.from({ length: count }, (_, index) => batchObject(`msgbatch_${from + index}`)),
  has_more,
});
const output = { kind: 'output', id: 'msgbatch_1' } as const;

describe('Anthropic batches', () => {
  withoutNetwork();

  it('are listed by pages of a thousand', async () => {
    nock(HOST)
      .get(`${PATH}?limit=1000`)
      .reply(200, page(0, 1000, true));
    nock(HOST)
      .get(`${PATH}?limit=200&after_id=msgbatch_999`)
      .reply(200, page(1000, 200, true));

    expect(await collect(anthropic().list({ limit: 1200 }))).to.have.length(1200);
  });

  it('are looked at, with the pause the service wishes', async () => {
    nock(HOST).get(`${PATH}/msgbatch_1`).reply(200, batchObject('msgbatch_1'), { 'retry-after': '10' });
    nock(HOST).get(`${PATH}/a%2Fb`).reply(404, errorBody('not_found_error', 'No such batch'));

    expect(await anthropic().retrieve('msgbatch_1')).to.include({
      status: 'processing',
      pollAfterSeconds: 10,
    });
    expect((await providerError(anthropic().retrieve('a/b'))).code).to.equal('not_found');
    expect((await providerError(anthropic().retrieve('..'))).code).to.equal('not_found');
  });

  it('are cancelled, also if the answer to that was lost', async () => {
    const canceling = batchObject('msgbatch_1', {
      processing_status: 'canceling',
      cancel_initiated_at: '2026-11-20T10:00:00Z',
    });
    nock(HOST).post(`${PATH}/msgbatch_1/cancel`).reply(200, canceling);
    expect((await anthropic().cancel('msgbatch_1')).status).to.equal('cancelling');

    nock(HOST).post(`${PATH}/msgbatch_1/cancel`).reply(500, {}, AT_ONCE);
    nock(HOST).post(`${PATH}/msgbatch_1/cancel`).reply(409, errorBody('conflict_error', 'already'));
    nock(HOST).get(`${PATH}/msgbatch_1`).reply(200, canceling);
    expect((await anthropic().cancel('msgbatch_1')).status).to.equal('cancelling');
  });

  it('are not cancelled by a service that refuses', async () => {
    nock(HOST).post(`${PATH}/msgbatch_1/cancel`).reply(409, errorBody('conflict_error', 'it has ended'));

    expect(await providerError(anthropic().cancel('msgbatch_1'))).to.include({
      code: 'wrong_state',
      message: 'it has ended',
    });
  });

  it('are deleted, also if the answer to that was lost', async () => {
    nock(HOST).delete(`${PATH}/msgbatch_1`).reply(200, { id: 'msgbatch_1', type: 'message_batch_deleted' });
    await anthropic().delete!('msgbatch_1');

    nock(HOST).delete(`${PATH}/msgbatch_1`).reply(500, {}, AT_ONCE);
    nock(HOST).delete(`${PATH}/msgbatch_1`).reply(404, errorBody('not_found_error', 'gone'));
    await anthropic().delete!('msgbatch_1');
  });

  it('are not deleted while they run, where there is none, or by a web page', async () => {
    nock(HOST)
      .delete(`${PATH}/msgbatch_1`)
      .reply(400, errorBody('invalid_request_error', 'still processing'));
    expect((await providerError(anthropic().delete!('msgbatch_1'))).message).to.equal('still processing');

    nock(HOST).delete(`${PATH}/msgbatch_1`).reply(404, errorBody('not_found_error', 'gone'));
    expect((await providerError(anthropic().delete!('msgbatch_1'))).code).to.equal('not_found');

    nock(HOST).delete(`${PATH}/msgbatch_1`).reply(200, '<html>', { 'content-type': 'text/html' });
    expect((await providerError(anthropic().delete!('msgbatch_1'))).code).to.equal('unavailable');
  });

  it('keep no files that could be deleted', () => {
    expect(anthropic()).not.to.have.property('deleteFile');
  });
});

describe('the results of an Anthropic batch', () => {
  withoutNetwork();

  it('are read from the address the user chose, whole or from where reading stopped', async () => {
    nock(HOST, { reqheaders: { 'accept-encoding': 'identity' }, badheaders: ['range'] })
      .get(`${PATH}/msgbatch_1/results`)
      .reply(200, 'a\nb\n', { 'content-type': 'application/x-jsonl', 'content-length': '4' });
    nock(HOST, { reqheaders: { range: 'bytes=2-', 'if-range': '"v1"' } })
      .get(`${PATH}/msgbatch_1/results`)
      .reply(206, 'b\n', { 'content-range': 'bytes 2-3/4', etag: '"v1"' });

    const whole = await anthropic().openFile(output);
    const rest = await anthropic().openFile(output, { offset: 2, ifRange: '"v1"' });

    expect(await collectText(whole.stream)).to.equal('a\nb\n');
    expect(await collectText(rest.stream)).to.equal('b\n');
    expect([whole.offset, rest.offset, whole.totalBytes, rest.totalBytes]).to.deep.equal([0, 2, 4, 4]);
  });

  it('are asked for again after a passing failure', async () => {
    nock(HOST).get(`${PATH}/msgbatch_1/results`).reply(529, errorBody('overloaded_error', 'busy'), AT_ONCE);
    nock(HOST).get(`${PATH}/msgbatch_1/results`).reply(200, 'x');

    expect(await collectText((await anthropic().openFile(output)).stream)).to.equal('x');
  });
});
