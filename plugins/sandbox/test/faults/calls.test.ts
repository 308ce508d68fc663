import { expect } from 'chai';
import type { Fault } from '../../src/index.js';
import { messageRequests, runBatch as runAnthropic } from '../support/anthropic.js';
import { createAnthropic, createOpenAi, look, withFaults } from '../support/faults.js';
import { chatLines, openAiClient, runBatch, upload } from '../support/openai.js';
import { closeSandboxes, until, type Json } from '../support/sandbox.js';

const BATCHES = { openai: '/v1/batches', anthropic: '/v1/messages/batches' };
const error = (text: string): Json => (JSON.parse(text) as Json).error;

describe('calls that go wrong', () => {
  afterEach(closeSandboxes);

  it('are late', async () => {
    const sandbox = await withFaults({ fault: 'latency', ms: 40, operation: 'list' });
    const startedAt = performance.now();
    expect((await look(sandbox, BATCHES.openai)).status).to.equal(200);
    expect(performance.now() - startedAt).to.be.at.least(35);
  });

  it('are too many, with a hint when to come back and without', async () => {
    const sandbox = await withFaults(
      { fault: 'rate-limit', count: 1, retryAfter: 7 },
      { fault: 'rate-limit', count: 1 },
    );
    const [first, second, third] = [
      await look(sandbox, BATCHES.openai),
      await look(sandbox, BATCHES.anthropic),
      await look(sandbox, BATCHES.openai),
    ];
    expect([first.status, first.headers.get('retry-after')]).to.deep.equal([429, '7']);
    expect(error(first.text).code).to.equal('rate_limit_exceeded');
    expect([second.status, second.headers.get('retry-after')]).to.deep.equal([429, null]);
    expect(error(second.text).type).to.equal('rate_limit_error');
    expect(JSON.parse(second.text)).to.have.property('request_id');
    expect(third.status).to.equal(200);
  });

  it('meet a server that has a problem, or a gateway without one', async () => {
    const sandbox = await withFaults(
      { fault: 'server-error', count: 1 },
      { fault: 'server-error', count: 1, status: 529 },
      { fault: 'bad-gateway', count: 1 },
    );
    const first = await look(sandbox, BATCHES.openai);
    expect([first.status, error(first.text).type]).to.deep.equal([500, 'server_error']);
    const second = await look(sandbox, BATCHES.anthropic);
    expect([second.status, error(second.text).type]).to.deep.equal([529, 'overloaded_error']);
    const third = await look(sandbox, BATCHES.openai);
    expect([third.status, third.headers.get('content-type')]).to.deep.equal([502, 'text/html']);
    expect(third.text).to.contain('<h1>502 Bad Gateway</h1>');
  });

  it('are not paid for', async () => {
    const sandbox = await withFaults({ fault: 'insufficient-quota' });
    const file = await upload(openAiClient(sandbox), chatLines(1));
    const first = await createOpenAi(sandbox, file);
    expect([first.status, error(first.text).code]).to.deep.equal([429, 'insufficient_quota']);
    const second = await createAnthropic(sandbox, messageRequests(1));
    expect([second.status, error(second.text).type]).to.deep.equal([400, 'invalid_request_error']);
    expect(error(second.text).message).to.match(
      /^Your credit balance is too low to access the Anthropic API/,
    );
    expect(sandbox.stats().batchesCreated).to.equal(0);
  });

  for (const fault of ['cut-before', 'cut-upload'] as const) {
    it(`are cut before anything is done: ${fault}`, async () => {
      const sandbox = await withFaults({ fault, operation: ['upload', 'create'], count: 2 });
      const client = openAiClient(sandbox);
      expect(await upload(client, chatLines(3000)).catch(() => 'broken')).to.equal('broken');
      expect((await createAnthropic(sandbox, messageRequests(3000))).status).to.equal('broken');
      expect(sandbox.stats()).to.include({ filesUploaded: 0, batchesCreated: 0 });
      expect(sandbox.created()).to.deep.equal([]);
      expect((await runBatch(client, chatLines(1))).batch.status).to.equal('completed');
    });
  }

  it('are cut in the middle of the answer', async () => {
    const sandbox = await withFaults({ fault: 'cut-answer', operation: 'list', count: 1 });
    expect((await look(sandbox, BATCHES.openai)).status).to.equal('broken');
    expect((await look(sandbox, BATCHES.openai)).status).to.equal(200);
  });

  const lost: [name: string, fault: Fault, status: number | 'broken'][] = [
    ['a connection that goes', { fault: 'create-lost' }, 'broken'],
    ['an answer that stops', { fault: 'cut-answer', operation: 'create' }, 'broken'],
    ['an error', { fault: 'create-error' }, 500],
    ['a page of a gateway', { fault: 'create-error', status: 502 }, 502],
  ];
  for (const [name, fault, status] of lost) {
    it(`end in ${name}, though the batch exists`, async () => {
      const sandbox = await withFaults(fault);
      const file = await upload(openAiClient(sandbox), chatLines(2));
      expect((await createOpenAi(sandbox, file, { nonce: 'x' })).status).to.equal(status);
      expect((await createAnthropic(sandbox, messageRequests(3))).status).to.equal(status);
      const { data } = JSON.parse((await look(sandbox, BATCHES.openai)).text) as Json;
      expect(data.map((batch: Json) => batch.metadata)).to.deep.equal([{ nonce: 'x' }]);
      await until(
        async () => sandbox.created(),
        (created) => created.every((batch) => batch.rowsAnswered === batch.requests),
      );
      expect(sandbox.created().map((batch) => [batch.protocol, batch.requests, batch.answer])).to.deep.equal([
        ['openai', 2, 'lost'],
        ['anthropic', 3, 'lost'],
      ]);
    });
  }

  it('are lost for uploads too, if told so', async () => {
    const sandbox = await withFaults({ fault: 'create-lost', operation: 'upload', count: 1 });
    const client = openAiClient(sandbox);
    expect(await upload(client, chatLines(1)).catch(() => 'broken')).to.equal('broken');
    expect(sandbox.stats().filesUploaded).to.equal(1);
    expect((await client.files.list()).data).to.have.length(1);
  });

  describe('downloads', () => {
    const download = async (fault: Fault, headers = {}) => {
      const sandbox = await withFaults(fault);
      const { batch } = await runAnthropic(sandbox, messageRequests(30)).catch(() => ({
        batch: { id: sandbox.created()[0]?.id } as Json,
      }));
      return look(sandbox, `/v1/messages/batches/${batch.id}/results`, { headers });
    };

    it('stop before the length that they promised', async () => {
      expect((await download({ fault: 'truncated', count: 2 })).status).to.equal('broken');
      const again = await download({ fault: 'truncated', count: 1 });
      expect(again.status).to.equal(200);
      expect(again.text.trim().split('\n')).to.have.length(30);
    });

    it('know no ranges', async () => {
      const range = { range: 'bytes=10-' };
      const { status, headers, text } = await download({ fault: 'no-ranges' }, range);
      expect([status, headers.get('accept-ranges')]).to.deep.equal([200, null]);
      expect(text).to.match(/^\{"custom_id"/);
      expect((await download({ fault: 'latency', ms: 0 }, range)).status).to.equal(206);
    });

    it('come in a trickle', async () => {
      const sandbox = await withFaults();
      const { output, batch } = await runBatch(openAiClient(sandbox), chatLines(2));
      sandbox.setFaults([{ fault: 'slow', bytesPerSecond: 10_000 }]);
      const startedAt = performance.now();
      const { text } = await look(sandbox, `/v1/files/${batch.output_file_id}/content`);
      expect(text.trim().split('\n')).to.have.length(output.length);
      expect(performance.now() - startedAt).to.be.at.least(50);
    });
  });

  it('are those that a fault is meant for', async () => {
    const sandbox = await withFaults(
      { fault: 'server-error', protocol: 'anthropic' },
      { fault: 'bad-gateway', path: '/v1/files/*' },
      { fault: 'rate-limit', operation: 'list', after: 1, count: 1 },
    );
    const status = async (path: string) => (await look(sandbox, path)).status;
    expect(await status(BATCHES.anthropic)).to.equal(500);
    expect(await status('/v1/files')).to.equal(200);
    expect(await status('/v1/files/x')).to.equal(502);
    expect([
      await status(BATCHES.openai),
      await status(BATCHES.openai),
      await status(BATCHES.openai),
    ]).to.deep.equal([200, 429, 200]);
    expect(sandbox.faults().map(({ seen, hits }) => [seen, hits])).to.deep.equal([
      [1, 1],
      [1, 1],
      [3, 1],
    ]);
  });
});
