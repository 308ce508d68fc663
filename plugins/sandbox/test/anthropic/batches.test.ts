import Anthropic, { type APIError } from '@anthropic-ai/sdk';
import { expect } from 'chai';
import {
  anthropicClient,
  call,
  messageRequest,
  messageRequests,
  post,
  runBatch,
} from '../support/anthropic.js';
import { closeSandboxes, FOREVER, openSandbox, readLines, until, type Json } from '../support/sandbox.js';

const path = '/v1/messages/batches';

describe('Anthropic batches', () => {
  afterEach(closeSandboxes);

  it('show no progress until they have ended', async () => {
    const sandbox = await openSandbox({ timing: { inProgressMs: 150 }, retryAfterSeconds: 3 });
    const client = anthropicClient(sandbox);
    const created = await client.messages.batches.create({ requests: messageRequests(10) });
    expect(created.id).to.match(/^msgbatch_[a-zA-Z0-9]+$/);
    expect(created).to.include({
      type: 'message_batch',
      processing_status: 'in_progress',
      results_url: null,
    });
    expect(created.created_at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    expect(Date.parse(created.expires_at) - Date.parse(created.created_at)).to.equal(86_400_000);
    const looks: string[] = [];
    const batch = await until(
      async () => {
        const { data, response } = await client.messages.batches.retrieve(created.id).withResponse();
        looks.push(`${response.headers.get('retry-after')} ${JSON.stringify(data.request_counts)}`);
        return data;
      },
      (data) => data.processing_status === 'ended',
    );
    const last = looks.pop();
    const waiting = { processing: 10, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
    expect(new Set(looks)).to.deep.equal(new Set([`3 ${JSON.stringify(waiting)}`]));
    expect(last).to.equal(`null ${JSON.stringify({ ...waiting, processing: 0, succeeded: 10 })}`);
    expect(batch.results_url).to.equal(`${sandbox.url}${path}/${batch.id}/results`);

    const ids: string[] = [];
    for await (const line of await client.messages.batches.results(batch.id)) {
      expect(line.result.type).to.equal('succeeded');
      ids.push(line.custom_id);
    }
    expect(ids.toSorted()).to.deep.equal(
      messageRequests(10)
        .map((request) => request.custom_id)
        .toSorted(),
    );
  });

  it('carry one kind of result for each fate', async () => {
    const fates = [
      'succeeded',
      'errored',
      'expired',
      'cancelled',
      'missing',
      'refused',
      'truncated',
      'server_error',
    ] as const;
    const sandbox = await openSandbox({ outcome: ({ index }) => fates[index] });
    const { batch, results } = await runBatch(sandbox, messageRequests(fates.length));
    const of = (fate: (typeof fates)[number]): Json => results.get(`row-${fates.indexOf(fate)}`);
    expect(of('errored').error.error.type).to.equal('invalid_request_error');
    expect(of('server_error').error.error.type).to.equal('api_error');
    expect(of('expired')).to.deep.equal({ type: 'expired' });
    expect(of('cancelled')).to.deep.equal({ type: 'canceled' });
    expect(of('missing')).to.equal(undefined);
    expect(of('refused').message.stop_reason).to.equal('refusal');
    expect(of('truncated').message.stop_reason).to.equal('max_tokens');
    expect(batch.request_counts).to.deep.equal({
      processing: 0,
      succeeded: 4,
      errored: 2,
      canceled: 1,
      expired: 1,
    });
  });

  it('half expire when the sandbox is told so', async () => {
    const { batch } = await runBatch(await openSandbox({ endAs: 'expired' }), messageRequests(10));
    expect(batch.request_counts).to.include({ succeeded: 5, expired: 5 });
  });

  it('are cancelled, with what was done by then', async () => {
    const sandbox = await openSandbox({ timing: { inProgressMs: 600 } });
    const client = anthropicClient(sandbox);
    const { id } = await client.messages.batches.create({ requests: messageRequests(100) });
    await new Promise((resolve) => setTimeout(resolve, 120));
    const canceling = await client.messages.batches.cancel(id);
    expect(canceling.processing_status).to.equal('canceling');
    expect(canceling.cancel_initiated_at).to.be.a('string');
    const batch = await until(
      () => client.messages.batches.retrieve(id),
      (value) => value.processing_status === 'ended',
    );
    expect(batch.request_counts.succeeded).to.be.greaterThan(0);
    expect(batch.request_counts.succeeded + batch.request_counts.canceled).to.equal(100);
    expect(await client.messages.batches.cancel(id).catch((error: APIError) => error.status)).to.equal(400);
  });

  it('give neither results nor way before they have ended', async () => {
    const sandbox = await openSandbox({ timing: { inProgressMs: FOREVER } });
    const { id } = (await (await post(sandbox, { requests: messageRequests(1) })).json()) as Json;
    expect((await call(sandbox, `${path}/${id}/results`)).status).to.equal(400);
    expect((await call(sandbox, `${path}/${id}`, { method: 'DELETE' })).status).to.equal(400);
    expect(sandbox.stats().batchesDeleted).to.equal(0);
  });

  it('are deleted once they have ended', async () => {
    const sandbox = await openSandbox();
    const client = anthropicClient(sandbox);
    const { batch } = await runBatch(sandbox, messageRequests(1));
    expect(await client.messages.batches.delete(batch.id)).to.deep.equal({
      id: batch.id,
      type: 'message_batch_deleted',
    });
    const gone = await client.messages.batches.retrieve(batch.id).catch((error: unknown) => error);
    expect(gone).to.be.instanceOf(Anthropic.NotFoundError);
    expect((gone as APIError).requestID).to.match(/^req_/);
  });

  it('are listed newest first, in both directions', async () => {
    const sandbox = await openSandbox();
    const client = anthropicClient(sandbox);
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) {
      ids.unshift((await client.messages.batches.create({ requests: messageRequests(1) })).id);
    }
    const seen: string[] = [];
    for await (const batch of client.messages.batches.list({ limit: 2 })) seen.push(batch.id);
    expect(seen).to.deep.equal(ids);
    const before = await client.messages.batches.list({ limit: 2, before_id: ids[3] });
    expect(before.data.map(({ id }) => id)).to.deep.equal([ids[1], ids[2]]);
    expect([before.has_more, before.first_id, before.last_id]).to.deep.equal([true, ids[1], ids[2]]);
    expect((await call(sandbox, `${path}?limit=1001`)).status).to.equal(400);
  });

  it('are downloaded in parts', async () => {
    const sandbox = await openSandbox();
    const { batch, lines } = await runBatch(sandbox, messageRequests(5));
    const results = `${path}/${batch.id}/results`;
    const whole = await call(sandbox, results);
    expect(whole.headers.get('content-type')).to.equal('application/x-jsonl');
    const text = await whole.text();
    const rest = await call(sandbox, results, { headers: { range: 'bytes=100-' } });
    expect(rest.status).to.equal(206);
    expect(text.slice(0, 100) + (await rest.text())).to.equal(text);
    expect(readLines(text)).to.deep.equal(lines);
  });

  describe('are refused as a whole for', () => {
    const refuse = async (body: unknown): Promise<[number, Json]> => {
      const sandbox = await openSandbox();
      const response = await post(sandbox, body);
      const answer = (await response.json()) as Json;
      expect(answer.type).to.equal('error');
      expect(answer.request_id).to.equal(response.headers.get('request-id'));
      expect(sandbox.stats().batchesCreated).to.equal(0);
      return [response.status, answer.error.message];
    };
    const faults: [name: string, body: unknown, words: string][] = [
      ['no requests', {}, 'requests: Field required'],
      ['an empty list', { requests: [] }, 'requests: List should have at least 1 item'],
      ['requests that are no list', { requests: 'all' }, 'requests: Input should be a valid list'],
      [
        'a long custom_id',
        { requests: [messageRequest('x'.repeat(65))] },
        'requests.0.custom_id: String should have at most 64 characters',
      ],
      [
        'a custom_id with other characters',
        { requests: [messageRequest('a b')] },
        'requests.0.custom_id: String should match pattern',
      ],
      ['a request without custom_id', { requests: [{ params: {} }] }, 'requests.0.custom_id: Field required'],
      ['a request without params', { requests: [{ custom_id: 'a' }] }, 'requests.0.params: Field required'],
      [
        'a custom_id used twice',
        { requests: [messageRequest('a'), messageRequest('a')] },
        "requests.1.custom_id: 'a'",
      ],
      [
        'something it does not know',
        { requests: [messageRequest('a')], metadata: {} },
        'metadata: Extra inputs are not permitted',
      ],
      ['broken JSON', '{"requests": [{"custom_id": "a", "params": {}},]}', 'not valid JSON'],
      ['JSON that stops early', '{"requests": [{"custom_id": "a", "params": {}}', 'not valid JSON'],
      ['a broken request', '{"requests": [{"custom_id" "a"}]}', 'not valid JSON'],
      ['too many requests', { requests: messageRequests(100_001, { messages: [] }) }, 'at most 100000 items'],
    ];
    for (const [name, body, words] of faults) {
      it(name, async () => {
        const [status, message] = await refuse(body);
        expect(status).to.equal(400);
        expect(message).to.contain(words);
      });
    }
  });

  it('ask for a key and a version', async () => {
    const sandbox = await openSandbox();
    const ask = async (headers: Record<string, string>): Promise<unknown> => {
      const response = await fetch(`${sandbox.url}${path}`, { headers });
      return [response.status, ((await response.json()) as Json).error?.type];
    };
    const version = { 'anthropic-version': '2023-06-01' };
    expect(await ask(version)).to.deep.equal([401, 'authentication_error']);
    expect(await ask({ ...version, 'x-api-key': 'sk-ant-real' })).to.deep.equal([
      401,
      'authentication_error',
    ]);
    expect(await ask({ ...version, authorization: 'Bearer sk-ant-real' })).to.deep.equal([
      401,
      'authentication_error',
    ]);
    expect(await ask({ 'x-api-key': sandbox.key })).to.deep.equal([400, 'invalid_request_error']);
    expect(await ask({ ...version, 'x-api-key': sandbox.key })).to.deep.equal([200, undefined]);
    expect(await ask({ ...version, authorization: `Bearer ${sandbox.key}` })).to.deep.equal([200, undefined]);
  });
});
