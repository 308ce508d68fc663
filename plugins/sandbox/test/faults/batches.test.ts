import { expect } from 'chai';
import { call, messageRequests, post, runBatch as runAnthropic } from '../support/anthropic.js';
import { look, withFaults } from '../support/faults.js';
import { chatLines, createBatch, ended, openAiClient, runBatch } from '../support/openai.js';
import { closeSandboxes, openSandbox, until, type Json } from '../support/sandbox.js';

const path = '/v1/messages/batches';

describe('batches that go wrong', () => {
  afterEach(closeSandboxes);

  it('fail their validation', async () => {
    const sandbox = await withFaults({ fault: 'validation-failed', lines: 2, code: 'invalid_url', count: 1 });
    const { batch } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(batch.status).to.equal('failed');
    expect(batch.errors?.data?.map(({ code, line }) => [code, line])).to.deep.equal([
      ['invalid_url', 1],
      ['invalid_url', 2],
    ]);
    expect((await runBatch(openAiClient(sandbox), chatLines(3))).batch.status).to.equal('completed');
  });

  it('expire with a part of their results', async () => {
    const sandbox = await withFaults({ fault: 'expired', answered: 0.3, rate: 1 });
    const { batch, output, errors } = await runBatch(openAiClient(sandbox), chatLines(10));
    expect([batch.status, output.length, errors.length]).to.deep.equal(['expired', 3, 7]);
    expect(errors[0].error.code).to.equal('batch_expired');
    const messages = await runAnthropic(sandbox, messageRequests(10));
    expect(messages.batch.request_counts).to.include({ succeeded: 3, expired: 7 });
  });

  it('are completed without an output file', async () => {
    const sandbox = await withFaults({ fault: 'null-output' });
    const { batch } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(batch).to.include({ status: 'completed', output_file_id: null });
    expect(batch.request_counts?.completed).to.equal(3);
    const { id } = (await (await post(sandbox, { requests: messageRequests(1) })).json()) as Json;
    const messages = await until(
      async () => (await call(sandbox, `${path}/${id}`)).json() as Json,
      (value: Json) => value.processing_status === 'ended',
    );
    expect(messages.results_url).to.equal(null);
    expect((await call(sandbox, `${path}/${id}/results`)).status).to.equal(400);
  });

  it('are completed with errors alone if all rows failed', async () => {
    const sandbox = await withFaults({ fault: 'rows-failed' });
    const { batch, errors } = await runBatch(openAiClient(sandbox), chatLines(3));
    expect(batch).to.include({ status: 'completed', output_file_id: null });
    expect(errors.map((line) => line.response.status_code)).to.deep.equal([500, 500, 500]);
  });

  it('count wrongly', async () => {
    const sandbox = await withFaults({ fault: 'counts-off', by: -2 });
    const { batch, output } = await runBatch(openAiClient(sandbox), chatLines(5));
    expect([batch.request_counts?.completed, output.length]).to.deep.equal([3, 5]);
    const { batch: messages } = await runAnthropic(sandbox, messageRequests(5));
    expect(messages.request_counts.succeeded).to.equal(3);
  });

  it('stay where they are until they are released', async () => {
    const sandbox = await withFaults({ fault: 'stuck-finalizing' });
    const client = openAiClient(sandbox);
    const { id } = await createBatch(client, chatLines(2));
    await until(
      () => client.batches.retrieve(id),
      ({ status }) => status === 'finalizing',
    );
    const message = (await (await post(sandbox, { requests: messageRequests(2) })).json()) as Json;
    const release = (body: object) =>
      look(sandbox, '/sandbox/release', { method: 'POST', body: JSON.stringify(body) });
    expect(JSON.parse((await release({ id })).text)).to.deep.equal({ released: [id] });
    expect((await ended(client, id)).status).to.equal('completed');
    const still = (await (await call(sandbox, `${path}/${message.id}`)).json()) as Json;
    expect(still.processing_status).to.equal('in_progress');
    await until(
      async () => sandbox.release(),
      (released) => released.includes(message.id as string),
    );
    await until(
      async () => (await call(sandbox, `${path}/${message.id}`)).json() as Json,
      (value: Json) => value.processing_status === 'ended',
    );
  });

  it('stay there for a while', async () => {
    const sandbox = await withFaults({ fault: 'stuck-finalizing', ms: 80 });
    const startedAt = performance.now();
    expect((await runBatch(openAiClient(sandbox), chatLines(2))).batch.status).to.equal('completed');
    expect(performance.now() - startedAt).to.be.at.least(75);
  });

  it('appear late in lists', async () => {
    const sandbox = await withFaults({ fault: 'stale-list', ms: 150 });
    const client = openAiClient(sandbox);
    const listed = async (): Promise<number> => {
      const messages = (await (await call(sandbox, path)).json()) as Json;
      return (await client.batches.list()).data.length + messages.data.length;
    };
    const { id } = await createBatch(client, chatLines(1));
    await post(sandbox, { requests: messageRequests(1) });
    expect(await listed()).to.equal(0);
    expect((await client.batches.retrieve(id)).id).to.equal(id);
    await until(listed, (count) => count === 2);
  });

  it('are a share of all, the same one for the same seed', async () => {
    const fates = async (seed: string): Promise<string[]> => {
      const sandbox = await openSandbox({ seed, faults: [{ fault: 'expired', rate: 0.5 }] });
      const seen: string[] = [];
      for (let number = 0; number < 12; number++) {
        seen.push((await runBatch(openAiClient(sandbox), chatLines(1))).batch.status);
      }
      return seen;
    };
    const first = await fates('a');
    expect(new Set(first)).to.have.property('size', 2);
    expect(await fates('a')).to.deep.equal(first);
    expect(await fates('b')).to.not.deep.equal(first);
  });
});
