import { expect } from 'chai';
import type { Fault } from '../../src/index.js';
import { messageRequests } from '../support/anthropic.js';
import { createAnthropic, createOpenAi } from '../support/faults.js';
import { chatLines, createBatch, ended, openAiClient, runBatch, upload } from '../support/openai.js';
import { closeSandboxes, FOREVER, NO_WAIT, openSandbox, until, type Json } from '../support/sandbox.js';

/** 20 of these lines weigh about 900 tokens. */
const lines = chatLines(20);
const busy = { ...NO_WAIT, inProgressMs: FOREVER };
const open = (fault: Fault) => openSandbox({ faults: [fault], timing: busy });

describe('a queue that is full', () => {
  afterEach(closeSandboxes);

  it('fails batches at OpenAI until others have ended', async () => {
    const client = openAiClient(await open({ fault: 'queue-full', tokens: 1500 }));
    const first = await createBatch(client, lines);
    await until(
      () => client.batches.retrieve(first.id),
      ({ status }) => status === 'in_progress',
    );
    const second = await ended(client, (await createBatch(client, lines)).id);
    expect(second.status).to.equal('failed');
    expect(second.errors?.data).to.deep.equal([
      {
        code: 'token_limit_exceeded',
        message:
          'Enqueued token limit reached for gpt-4o-mini-2024-07-18 in organization org-sandbox. Limit: 1500 enqueued tokens. Please try again once some in_progress batches have been completed.',
        param: null,
        line: null,
      },
    ]);
    await client.batches.cancel(first.id);
    await ended(client, first.id);
    const third = await createBatch(client, lines);
    const status = await until(
      async () => (await client.batches.retrieve(third.id)).status,
      (value) => value !== 'validating',
    );
    expect(status).to.equal('in_progress');
  });

  it('never takes a batch that is too large alone', async () => {
    const client = openAiClient(await openSandbox({ faults: [{ fault: 'queue-full', tokens: 500 }] }));
    expect((await runBatch(client, lines)).batch.status).to.equal('failed');
    expect((await runBatch(client, chatLines(5))).batch.status).to.equal('completed');
  });

  it('refuses them at once where it is told to', async () => {
    const sandbox = await open({ fault: 'queue-full', tokens: 1500, as: 'refused' });
    const client = openAiClient(sandbox);
    const file = await upload(client, lines);
    expect((await createOpenAi(sandbox, file)).status).to.equal(200);
    const refused = await createOpenAi(sandbox, file);
    expect([refused.status, (JSON.parse(refused.text) as Json).error.code]).to.deep.equal([
      429,
      'token_limit_exceeded',
    ]);
    expect(sandbox.stats().batchesCreated).to.equal(1);
  });

  it('refuses requests at Anthropic until others have ended', async () => {
    const sandbox = await open({ fault: 'queue-full', requests: 30 });
    const first = await createAnthropic(sandbox, messageRequests(20));
    expect(first.status).to.equal(200);
    const refused = await createAnthropic(sandbox, messageRequests(20));
    expect([refused.status, (JSON.parse(refused.text) as Json).error.type]).to.deep.equal([
      429,
      'rate_limit_error',
    ]);
    expect((await createAnthropic(sandbox, messageRequests(10))).status).to.equal(200);
    expect(sandbox.created().map(({ requests }) => requests)).to.deep.equal([20, 10]);
  });

  it('is full for the first ones if it has no limit', async () => {
    const sandbox = await openSandbox({ faults: [{ fault: 'queue-full', count: 1 }] });
    const client = openAiClient(sandbox);
    expect((await runBatch(client, lines)).batch.errors?.data?.[0]?.code).to.equal('token_limit_exceeded');
    expect((await runBatch(client, lines)).batch.status).to.equal('completed');
  });
});
