import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Sandbox } from '../src/index.js';
import { call, messageRequests, post, runBatch as runAnthropic } from './support/anthropic.js';
import { killChildren, startChild, type ChildSandbox } from './support/child.js';
import { chatLines, createBatch, ended, openAiClient, runBatch, upload } from './support/openai.js';
import {
  closeSandboxes,
  FOREVER,
  NO_WAIT,
  openSandbox,
  readLines,
  until,
  type Json,
} from './support/sandbox.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const state = async (sandbox: { url: string }): Promise<Json> =>
  (await fetch(`${sandbox.url}/sandbox/state`)).json();
/** The helpers need no more than the addresses. */
const like = (child: ChildSandbox): Sandbox => child as unknown as Sandbox;

describe('a sandbox with a folder of its own', function () {
  this.slow(4000);
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'sandbox-data-'));
  });
  afterEach(async () => {
    killChildren();
    await closeSandboxes();
    rmSync(dataDir, { recursive: true });
  });

  it('still has everything when it starts again', async () => {
    const first = await openSandbox({ dataDir });
    const client = openAiClient(first);
    const { batch, output } = await runBatch(client, chatLines(5));
    const deleted = await upload(client, chatLines(1));
    await client.files.delete(deleted);
    const messages = await runAnthropic(first, messageRequests(4));
    const gone = await runAnthropic(first, messageRequests(2));
    await call(first, `/v1/messages/batches/${gone.batch.id}`, { method: 'DELETE' });
    const before = await state(first);
    await closeSandboxes();

    const second = await openSandbox({ dataDir });
    const again = openAiClient(second);
    expect(await again.batches.retrieve(batch.id)).to.deep.equal(batch);
    const text = await (await again.files.content(batch.output_file_id!)).text();
    expect(readLines(text)).to.deep.equal(output);
    expect((await again.files.list()).data.map(({ id }) => id)).to.not.include(deleted);
    const path = `/v1/messages/batches/${messages.batch.id}`;
    const kept = (await (await call(second, path)).json()) as Json;
    expect({ ...kept, results_url: '' }).to.deep.equal({ ...messages.batch, results_url: '' });
    expect(readLines(await (await call(second, `${path}/results`)).text())).to.deep.equal(messages.lines);
    expect((await call(second, `/v1/messages/batches/${gone.batch.id}`)).status).to.equal(404);
    expect(await state(second)).to.deep.equal(before);
    expect(second.created()).to.deep.equal(before.batches);
    expect(before.counters).to.include({ batchesCreated: 3, batchesDeleted: 1, rowsAnswered: 11 });
  });

  it('goes on with its batches after it was killed, and answers no row twice', async () => {
    const timing = { ...NO_WAIT, inProgressMs: 1200 };
    const first = await startChild({ dataDir, timing });
    const client = openAiClient(like(first));
    const created = await client.batches.create({
      input_file_id: await upload(client, chatLines(300)),
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { run: 'one' },
    });
    const { id } = (await (await post(like(first), { requests: messageRequests(300) })).json()) as Json;
    await until(
      () => client.batches.retrieve(created.id),
      ({ request_counts }) => (request_counts?.completed ?? 0) > 100,
    );
    await first.kill();

    const second = await startChild({ dataDir, timing: { ...NO_WAIT, inProgressMs: 100 } });
    const batch = await ended(openAiClient(like(second)), created.id);
    expect(batch).to.deep.include({
      created_at: created.created_at,
      metadata: { run: 'one' },
      status: 'completed',
      request_counts: { total: 300, completed: 300, failed: 0 },
    });
    const text = await (await openAiClient(like(second)).files.content(batch.output_file_id!)).text();
    const ids = readLines(text).map((line) => line.custom_id);
    expect([ids.length, new Set(ids).size]).to.deep.equal([300, 300]);
    const path = `/v1/messages/batches/${id}`;
    const messages = (await until(
      async () => (await call(like(second), path)).json(),
      (value: Json) => value.processing_status === 'ended',
    )) as Json;
    expect(messages.request_counts.succeeded).to.equal(300);
    const lines = readLines(await (await call(like(second), `${path}/results`)).text());
    expect(new Set(lines.map((line) => line.custom_id)).size).to.equal(300);
    expect(lines).to.have.length(300);
    const { counters, batches } = await state(second);
    expect(counters).to.include({ batchesCreated: 2, rowsAnswered: 600 });
    expect(batches.map((entry: Json) => entry.rowsAnswered)).to.deep.equal([300, 300]);
    expect(
      readdirSync(join(dataDir, 'sandbox-files')).filter((name) => /input|json$/.test(name)),
    ).to.deep.equal([]);
  });

  it('goes on in each state that a batch can be in', async () => {
    for (const phase of ['validatingMs', 'finalizingMs', 'cancellingMs'] as const) {
      const first = await openSandbox({ dataDir, timing: { [phase]: FOREVER, inProgressMs: 50 } });
      const client = openAiClient(first);
      const { id } = await createBatch(client, chatLines(20));
      if (phase === 'cancellingMs') await client.batches.cancel(id);
      const status = phase.replace('Ms', '');
      await until(
        () => client.batches.retrieve(id),
        (batch) => batch.status === status,
      );
      await closeSandboxes();
      const batch = await ended(openAiClient(await openSandbox({ dataDir })), id);
      expect(batch.status).to.equal(phase === 'cancellingMs' ? 'cancelled' : 'completed');
      await closeSandboxes();
    }
  });

  it('does not mind a last line that was never finished', async () => {
    await openSandbox({ dataDir }).then(closeSandboxes);
    appendFileSync(join(dataDir, 'sandbox-journal.jsonl'), '[{"kind":"file","id":"fi');
    expect((await state(await openSandbox({ dataDir }))).batches).to.deep.equal([]);
  });

  it('has it to itself', async () => {
    await openSandbox({ dataDir });
    const refused = await openSandbox({ dataDir }).catch((error: Error) => error.message);
    expect(refused).to.contain(`${dataDir} is in use by the sandbox of process ${process.pid}`);
  });

  it('leaves alone a folder whose journal it cannot read', async () => {
    appendFileSync(join(dataDir, 'sandbox-journal.jsonl'), '{"sandboxJournal":99}\n');
    const refused = await openSandbox({ dataDir }).catch((error: Error) => error.message);
    expect(refused).to.contain('written by a newer sandbox');
  });
});

describe('what the sandbox counts', () => {
  afterEach(closeSandboxes);

  it('names every batch that was created, with what it was made of', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox);
    const lines = chatLines(3);
    const { batch } = await runBatch(client, lines);
    const requests = messageRequests(2);
    const { batch: messages } = await runAnthropic(sandbox, requests);
    await client.files.delete(batch.input_file_id);
    const { counters, batches } = await state(sandbox);
    expect(counters).to.deep.equal({
      batchesCreated: 2,
      batchesCancelled: 0,
      batchesDeleted: 0,
      filesUploaded: 1,
      filesDeleted: 1,
      rowsAnswered: 5,
    });
    expect(batches).to.deep.equal([
      {
        id: batch.id,
        protocol: 'openai',
        createdAt: batches[0].createdAt,
        status: 'completed',
        metadata: null,
        requests: 3,
        requestsSha256: sha256(lines.map((line) => `${line}\n`).join('')),
        customIdsSha256: sha256('row-0\nrow-1\nrow-2'),
        rowsAnswered: 3,
        answer: 'sent',
      },
      {
        id: messages.id,
        protocol: 'anthropic',
        createdAt: batches[1].createdAt,
        status: 'ended',
        metadata: null,
        requests: 2,
        requestsSha256: sha256(requests.map((request) => `${JSON.stringify(request)}\n`).join('')),
        customIdsSha256: sha256('row-0\nrow-1'),
        rowsAnswered: 2,
        answer: 'sent',
      },
    ]);
    expect(sandbox.created()).to.deep.equal(batches);
    expect(sandbox.requests.some(({ path }) => path.startsWith('/sandbox'))).to.equal(false);
  });

  it('finds rows that are in several batches', async () => {
    const sandbox = await openSandbox();
    const client = openAiClient(sandbox);
    const first = await runBatch(client, chatLines(2));
    const second = await runBatch(client, chatLines(3));
    await runBatch(client, [...chatLines(1), 'nonsense']);
    await runAnthropic(sandbox, messageRequests(2));
    const rows = async (query: string): Promise<Json[]> =>
      readLines(await (await fetch(`${sandbox.url}/sandbox/rows?${query}`)).text());
    const batches = [first.batch.id, second.batch.id];
    expect(await rows('min=2&of=accepted')).to.deep.equal([
      { provider: 'openai', custom_id: 'row-0', batches },
      { provider: 'openai', custom_id: 'row-1', batches },
    ]);
    expect((await rows('min=3')).map((row) => row.custom_id)).to.deep.equal(['row-0']);
    expect(await rows('min=1')).to.have.length(5);
    expect((await fetch(`${sandbox.url}/sandbox/rows?min=0`)).status).to.equal(400);
  });
});
