import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { failShare, startSandbox } from '../src/index.js';
import { call, messageRequests, post, runBatch as runAnthropic } from './support/anthropic.js';
import { chatLines, createBatch, openAiClient, runBatch } from './support/openai.js';
import { closeSandboxes, FOREVER, openSandbox } from './support/sandbox.js';

describe('the sandbox', () => {
  afterEach(closeSandboxes);

  it('says what it was asked and what it did', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox);
    await client.batches.list({ limit: 3 });
    expect(sandbox.requests).to.deep.equal([{ method: 'GET', path: '/v1/batches', query: 'limit=3' }]);
    sandbox.resetRequests();
    expect(sandbox.requests).to.deep.equal([]);
    await runBatch(client, chatLines(3));
    await runAnthropic(sandbox, messageRequests(2));
    expect(sandbox.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)).to.deep.equal([
      '/v1/files',
      '/v1/batches',
      '/v1/messages/batches',
    ]);
    expect(sandbox.stats()).to.include({ filesUploaded: 1, batchesCreated: 2, rowsAnswered: 5 });
  });

  it('tells providers that speak its protocols where to find it', async () => {
    const sandbox = await openSandbox();
    const env = sandbox.env([
      { protocol: 'openai', credentials: ['OPENAI_API_KEY'], baseUrlEnv: 'OPENAI_BASE_URL' },
      { protocol: 'anthropic', credentials: ['A_KEY', 'A_TOKEN'], baseUrlEnv: 'A_URL' },
      { protocol: 'gemini', credentials: ['G_KEY'], baseUrlEnv: 'G_URL' },
      { protocol: 'openai', credentials: ['FIXED_KEY'] },
    ]);
    expect(env).to.deep.equal({
      OPENAI_BASE_URL: `${sandbox.url}/v1`,
      OPENAI_API_KEY: sandbox.key,
      A_URL: sandbox.url,
      A_KEY: sandbox.key,
    });
  });

  it('closes at once in the middle of its work, and leaves nothing behind', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = parent;
    const timing = { validatingMs: 0, inProgressMs: FOREVER, finalizingMs: 0, cancellingMs: 0 };
    const sandbox = await startSandbox({ timing }).finally(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    await createBatch(openAiClient(sandbox), chatLines(50));
    await post(sandbox, { requests: messageRequests(50) });
    expect(readdirSync(parent)).to.have.length(1);
    const startedAt = performance.now();
    await sandbox.close();
    expect(performance.now() - startedAt).to.be.lessThan(1000);
    expect(readdirSync(parent)).to.deep.equal([]);
    rmSync(parent, { recursive: true });
    expect(existsSync(parent)).to.equal(false);
    expect(await call(sandbox, '/v1/messages/batches').catch(() => 'closed')).to.equal('closed');
  });

  it('lets always the same share of rows fail', () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({
      customId: `row-${index}`,
      index,
      provider: 'openai' as const,
    }));
    const failing = rows.filter(failShare(0.2, 'seed'));
    expect(failing.length).to.be.within(150, 250);
    expect(rows.filter(failShare(0.2, 'seed'))).to.deep.equal(failing);
    expect(rows.filter(failShare(0, 'seed'))).to.deep.equal([]);
    expect(rows.filter(failShare(1, 'seed'))).to.have.length(1000);
  });

  it('answers thousands of rows without keeping them', async () => {
    const sandbox = await openSandbox();
    const { batch, results } = await runAnthropic(sandbox, messageRequests(5000));
    expect(batch.request_counts.succeeded).to.equal(5000);
    expect(results.size).to.equal(5000);
  }).timeout(10_000);
});
