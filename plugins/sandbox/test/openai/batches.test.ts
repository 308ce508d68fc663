import { expect } from 'chai';
import OpenAI, { type APIError } from 'openai';
import {
  chatLine,
  chatLines,
  createBatch,
  ended,
  openAiClient,
  runBatch,
  upload,
} from '../support/openai.js';
import { closeSandboxes, FOREVER, openSandbox, readLines, until, type Json } from '../support/sandbox.js';

describe('OpenAI batches', () => {
  afterEach(closeSandboxes);

  it('begin with nothing known but what was asked for', async () => {
    const client = openAiClient(await openSandbox({ timing: { validatingMs: FOREVER } }));
    const batch = await client.batches.create({
      input_file_id: await upload(client, chatLines(2)),
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { run: 'one' },
    });
    expect(batch.id).to.match(/^batch_[a-zA-Z0-9]+$/);
    expect(batch).to.include({ object: 'batch', status: 'validating', model: null, errors: null });
    expect(batch.expires_at).to.equal(batch.created_at + 86_400);
    expect(batch.request_counts).to.deep.equal({ total: 0, completed: 0, failed: 0 });
    expect(batch.usage).to.deep.include({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });
    expect(batch.metadata).to.deep.equal({ run: 'one' });
    for (const name of [
      'output_file_id',
      'error_file_id',
      'in_progress_at',
      'completed_at',
      'cancelled_at',
    ] as const) {
      expect(batch[name], name).to.equal(null);
    }
  });

  it('count rows as they are answered and end with a result for each', async () => {
    const client = openAiClient(await openSandbox({ timing: { inProgressMs: 200 } }));
    const created = await createBatch(client, chatLines(40));
    const seen = new Set<number>();
    const batch = await until(
      async () => {
        const current = await client.batches.retrieve(created.id);
        if (current.status === 'in_progress') {
          seen.add(current.request_counts?.completed ?? -1);
          expect(current.request_counts?.total).to.equal(40);
          expect(current.usage?.total_tokens).to.equal(0);
        }
        return current;
      },
      (current) => current.status === 'completed',
    );
    expect(seen.size).to.be.greaterThan(2);
    expect(batch.request_counts).to.deep.equal({ total: 40, completed: 40, failed: 0 });
    expect(batch.model).to.equal('gpt-4o-mini-2024-07-18');
    expect(batch.usage?.total_tokens).to.be.greaterThan(0);
    expect(batch.error_file_id).to.equal(null);
    const lines = readLines(await (await client.files.content(batch.output_file_id ?? '')).text());
    expect(new Set(lines.map((line) => line.custom_id)).size).to.equal(40);
  });

  it('write results in an order of their own, which follows from the seed', async () => {
    const order = async (seed: number) => {
      const { output } = await runBatch(openAiClient(await openSandbox({ seed })), chatLines(30));
      return output.map((line) => `${line.custom_id} ${line.response.body.choices[0].message.content}`);
    };
    const [first, again, other] = [await order(7), await order(7), await order(8)];
    expect(again).to.deep.equal(first);
    expect(other).to.not.deep.equal(first);
    expect(first).to.not.deep.equal(first.toSorted());
  });

  it('put rows that fail into the error file, with the error in the body', async () => {
    const sandbox = await openSandbox({
      outcome: ({ index }) => (index === 1 ? 'errored' : index === 2 ? 'server_error' : undefined),
    });
    const { batch, output, errors } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(batch.request_counts).to.deep.equal({ total: 3, completed: 1, failed: 2 });
    expect(output.map((line) => line.custom_id)).to.deep.equal(['row-0']);
    const byId = new Map(errors.map((line) => [line.custom_id, line]));
    expect(byId.get('row-1').error).to.equal(null);
    expect(byId.get('row-1').response.status_code).to.equal(400);
    expect(byId.get('row-1').response.body.error.type).to.equal('invalid_request_error');
    expect(byId.get('row-2').response.status_code).to.equal(500);
  });

  it('have no output file if nothing succeeded', async () => {
    const sandbox = await openSandbox({ outcome: () => 'errored' });
    const { batch, errors } = await runBatch(openAiClient(sandbox), chatLines(2));
    expect(batch).to.include({ status: 'completed', output_file_id: null });
    expect(errors).to.have.length(2);
  });

  it('leave out rows that are meant to be missing', async () => {
    const sandbox = await openSandbox({
      outcome: ({ customId }) => (customId === 'row-1' ? 'missing' : undefined),
    });
    const { output, errors } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(output.map((line) => line.custom_id).toSorted()).to.deep.equal(['row-0', 'row-2']);
    expect(errors).to.deep.equal([]);
  });

  it('account for every row when they expire', async () => {
    const sandbox = await openSandbox({ endAs: 'expired' });
    const { batch, output, errors } = await runBatch(openAiClient(sandbox), chatLines(10));
    expect(batch.status).to.equal('expired');
    expect(batch.expired_at).to.be.a('number');
    expect(batch.completed_at).to.equal(null);
    expect(output).to.have.length(5);
    expect(errors.map((line) => [line.response, line.error.code])).to.deep.equal(
      Array.from({ length: 5 }, () => [null, 'batch_expired']),
    );
  });

  describe('that are cancelled', () => {
    it('keep what was done and write off the rest', async () => {
      const client = openAiClient(await openSandbox({ timing: { inProgressMs: 2000 } }));
      const { id } = await createBatch(client, chatLines(200));
      await until(
        () => client.batches.retrieve(id),
        (batch) => (batch.request_counts?.completed ?? 0) > 3,
      );
      const cancelling = await client.batches.cancel(id);
      expect(cancelling.status).to.equal('cancelling');
      expect(cancelling.cancelling_at).to.be.a('number');
      const batch = await ended(client, id);
      expect(batch.status).to.equal('cancelled');
      const output = readLines(await (await client.files.content(batch.output_file_id ?? '')).text());
      const errors = readLines(await (await client.files.content(batch.error_file_id ?? '')).text());
      expect(output.length).to.equal(batch.request_counts?.completed);
      expect(output.length + errors.length).to.equal(200);
      expect(new Set(errors.map((line) => line.error.code))).to.deep.equal(new Set(['batch_cancelled']));
    });

    it('while validating, end without files', async () => {
      const client = openAiClient(await openSandbox({ timing: { validatingMs: FOREVER } }));
      const { id } = await createBatch(client, chatLines(2));
      await client.batches.cancel(id);
      const batch = await ended(client, id);
      expect(batch).to.include({ status: 'cancelled', output_file_id: null, error_file_id: null });
    });

    it('too late, are refused with a conflict', async () => {
      const client = openAiClient(await openSandbox());
      const { batch } = await runBatch(client, chatLines(1));
      const error = await client.batches.cancel(batch.id).catch((problem: unknown) => problem);
      expect(error).to.be.instanceOf(OpenAI.ConflictError);
      expect((error as Error).message).to.contain("Cannot cancel a batch with status 'completed'");
    });
  });

  it('are listed newest first, page by page', async () => {
    const client = openAiClient(await openSandbox());
    const file = await upload(client, chatLines(1));
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) {
      const request = {
        input_file_id: file,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      } as const;
      ids.unshift((await client.batches.create(request)).id);
    }
    const seen: string[] = [];
    for await (const batch of client.batches.list({ limit: 2 })) seen.push(batch.id);
    expect(seen).to.deep.equal(ids);
    const page: Json = await client.batches.list({ limit: 2 });
    expect([page.body.first_id, page.body.last_id, page.has_more]).to.deep.equal([ids[0], ids[1], true]);
    expect(await client.batches.list({ limit: 101 }).catch((error: APIError) => error.status)).to.equal(400);
  });

  describe('with a faulty input file', () => {
    const faults: [name: string, lines: string[], expected: [code: string, line: number | null][]][] = [
      ['that is not JSON', [chatLine('a'), '{"custom_id": '], [['invalid_json_line', 2]]],
      ['with a blank line in the middle', [chatLine('a'), '', chatLine('b')], [['invalid_json_line', 2]]],
      ['with an id used twice', [chatLine('a'), chatLine('b'), chatLine('a')], [['duplicate_custom_id', 3]]],
      ['with another endpoint', [chatLine('a', {}, { url: '/v1/responses' })], [['url_mismatch', 1]]],
      ['with two models', [chatLine('a'), chatLine('b', { model: 'gpt-4o' })], [['mismatched_model', 2]]],
      ['without ids', [JSON.stringify({ method: 'POST' })], [['missing_required_parameter', 1]]],
      ['that is empty', [], [['empty_file', null]]],
      [
        'with several faults',
        ['nonsense', chatLine('a'), chatLine('a')],
        [
          ['invalid_json_line', 1],
          ['duplicate_custom_id', 3],
        ],
      ],
    ];
    for (const [name, lines, expected] of faults) {
      it(`fail: one ${name}`, async () => {
        const { batch } = await runBatch(openAiClient(await openSandbox()), lines);
        expect(batch.status).to.equal('failed');
        expect(batch.failed_at).to.be.a('number');
        expect(batch.errors?.data?.map(({ code, line }) => [code, line])).to.deep.equal(expected);
        expect(batch.errors?.data?.every(({ message }) => message !== '')).to.equal(true);
      });
    }

    it('fail: one with more than 50,000 requests', async () => {
      const { batch } = await runBatch(openAiClient(await openSandbox()), chatLines(50_001));
      expect(batch.errors?.data?.[0]).to.include({ code: 'too_many_tasks', line: null });
    });

    it('do not mind blank lines at the end', async () => {
      const { batch } = await runBatch(openAiClient(await openSandbox()), [chatLine('a'), '', '']);
      expect(batch.status).to.equal('completed');
    });
  });

  it('are refused at once for what is wrong with the request itself', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox);
    const input_file_id = await upload(client, chatLines(1));
    const good = { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' };
    const refuse = async (change: object): Promise<unknown> =>
      client.batches
        .create({ ...good, ...change } as never)
        .catch((error: APIError) => [error.status, error.param]);
    expect(await refuse({ endpoint: '/v1/unknown' })).to.deep.equal([400, 'endpoint']);
    expect(await refuse({ completion_window: '1h' })).to.deep.equal([400, 'completion_window']);
    expect(await refuse({ input_file_id: 'file-none' })).to.deep.equal([400, 'input_file_id']);
    expect(await refuse({ input_file_id: undefined })).to.deep.equal([400, 'input_file_id']);
    expect(await refuse({ metadata: { a: 1 } })).to.deep.equal([400, 'metadata.a']);
    expect(await refuse({ metadata: { a: 'x'.repeat(513) } })).to.deep.equal([400, 'metadata.a']);
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']));
    expect(await refuse({ metadata: many })).to.deep.equal([400, 'metadata']);
    expect(await refuse({ colour: 'red' })).to.deep.equal([400, 'colour']);
    expect(sandbox.stats().batchesCreated).to.equal(0);
    const lost = await client.batches.retrieve('batch_none').catch((error: APIError) => error.message);
    expect(lost).to.contain("No batch found with id 'batch_none'");
  });

  it('fail, and do not hang, if the input file goes away', async () => {
    const client = openAiClient(await openSandbox({ timing: { validatingMs: 30 } }));
    const { id, input_file_id } = await createBatch(client, chatLines(1));
    await client.files.delete(input_file_id);
    expect((await ended(client, id)).status).to.equal('failed');
  });
});
