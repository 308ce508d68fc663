import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { openaiBatchObject, sendJson, startFaultyServer } from '../support/faulty-server.js';
import { errorSchema, parseAs } from '../support/json-schemas.js';
import { BIN, cleanEnv, runInstructor, temporaryFolder, type RunResult } from '../support/run-instructor.js';
import { anthropicRequests, envFor, jsonLines, openaiRequests } from '../support/world.js';

const PART = jsonLines(
  Array.from({ length: 3000 }, (_, index) => ({
    custom_id: `row-${index}`,
    response: {
      status_code: 200,
      body: { choices: [{ message: { content: 'x'.repeat(100) }, finish_reason: 'stop' }] },
    },
    error: null,
  })),
);

/** What the server does not answer, and the signal comes while it is waited for. */
type Stuck = (request: IncomingMessage) => boolean;

describe('interruptions', () => {
  let folder: string;
  let remove: () => Promise<void>;
  before(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    await writeFile(join(folder, 'openai.jsonl'), openaiRequests(20_000));
    await writeFile(join(folder, 'anthropic.jsonl'), anthropicRequests(20_000));
  });
  after(() => remove());

  /** Runs against a service that gets stuck, sends a signal then, and looks at what is left behind. */
  const interrupted = async (
    args: readonly string[],
    stuck: Stuck,
    signal: NodeJS.Signals = 'SIGINT',
  ): Promise<RunResult> => {
    const temporary = join(folder, `tmp-${args.join('-').replaceAll(/\W/g, '')}-${signal}`);
    await mkdir(temporary, { recursive: true });
    let child: ChildProcessWithoutNullStreams | undefined;
    const strike = (): void => void setTimeout(() => child?.kill(signal), 150);
    const server = await startFaultyServer((request: IncomingMessage, response: ServerResponse) => {
      if (stuck(request)) {
        if (request.method === 'GET' && request.url?.endsWith('/content')) {
          response.writeHead(200, { 'content-length': PART.length * 2, etag: '"v1"' });
          response.write(PART);
        }
        return strike();
      }
      request.resume();
      if (request.url?.endsWith('/files'))
        return sendJson(response, 200, { id: 'file-mine', object: 'file' });
      const running = args.includes('wait') ? { status: 'in_progress', completed_at: null } : {};
      sendJson(response, 200, openaiBatchObject({ input_file_id: 'file-in', ...running }));
    });
    try {
      const startedAt = Date.now();
      const result = await runInstructor(args, {
        cwd: folder,
        env: { ...envFor(server.url), TMPDIR: temporary },
        onStart: (started) => (child = started),
      });
      expect(Date.now() - startedAt, 'ends at once').to.be.below(10_000);
      expect(await readdir(temporary), 'temporary files').to.deep.equal([]);
      return result;
    } finally {
      await server.close();
    }
  };
  const isContent: Stuck = (request) => request.url?.endsWith('/content') ?? false;
  const isUpload: Stuck = (request) => request.method === 'POST';
  const nothingNew = async (): Promise<void> => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('tmp-')).sort();
    expect(names).to.deep.equal(['anthropic.jsonl', 'openai.jsonl']);
  };

  it('Ctrl-C during an upload: 130, and nothing was created', async () => {
    const [openai, anthropic] = await Promise.all([
      interrupted(['batch', 'create-from-file', '--file-path', 'openai.jsonl'], isUpload),
      interrupted(
        ['batch', 'create-from-file', '--file-path', 'anthropic.jsonl', '--provider', 'anthropic'],
        isUpload,
      ),
    ]);
    for (const result of [openai, anthropic]) expectFailure(result, { code: 130, says: /Interrupted/ });
    await nothingNew();
  });

  it('Ctrl-C while the answer to "create" is awaited says that the batch may exist', async () => {
    // All of the requests have arrived, and the service is making a batch of them.
    const anthropic = await interrupted(
      [
        'batch',
        'create-from-file',
        '--file-path',
        'anthropic.jsonl',
        '--provider',
        'anthropic',
        '--description',
        'x',
      ],
      (request) => {
        request.resume();
        return true;
      },
    );
    expectFailure(anthropic, { code: 130, says: /Interrupted/ });
    expect(anthropic.stderr, 'tells that it is not known').to.match(
      /not known|may (have been created|exist)/,
    );
    const result = await interrupted(
      ['batch', 'create-from-file', '--file-path', 'openai.jsonl'],
      (request) => request.url?.endsWith('/batches') ?? false,
    );
    expectFailure(result, { code: 130, says: /Interrupted/ });
    expect(result.stderr, 'tells that it is not known').to.match(/not known|may (have been created|exist)/);
    expect(result.stderr, 'names what to look for').to.match(/batch list|file-mine/);
  });

  it('Ctrl-C during a download: 130, and no part of a file is left', async () => {
    const result = await interrupted(
      ['batch', 'download-file', 'batch_abc123', '--download-file-path', 'out.jsonl'],
      isContent,
    );
    expectFailure(result, { code: 130, says: /Interrupted/ });
    await nothingNew();
  });

  it('Ctrl-C while results are read: 130, and no file and no temporary file is left', async () => {
    const [jsonl, json] = await Promise.all([
      interrupted(['batch', 'results', 'batch_abc123', '--output-file', 'out.jsonl'], isContent),
      interrupted(['batch', 'results', 'batch_abc123', '--output-file', 'out.csv', '--json'], isContent),
    ]);
    expectFailure(jsonl, { code: 130, says: /Interrupted/ });
    expect(json.code).to.equal(130);
    expect(parseAs(errorSchema, json.stdout).error).to.include({ code: 'interrupted', exit_code: 130 });
    await nothingNew();
  });

  it('Ctrl-C during a wait, between two looks and during one', async () => {
    let looks = 0;
    const [pause, look] = await Promise.all([
      runWithPause(),
      interrupted(['batch', 'wait', 'batch_abc123', '--poll', '0.05'], () => (looks += 1) > 2),
    ]);
    for (const result of [pause, look]) expectFailure(result, { code: 130, says: /Interrupted/ });
    for (const result of [pause, look]) expect(result.stderr).to.match(/batch_abc123 {2}processing/);
  });

  it('SIGTERM ends in the same tidy way, with 143', async () => {
    const results = await Promise.all([
      interrupted(['batch', 'results', 'batch_abc123', '--output-file', 'out.jsonl'], isContent, 'SIGTERM'),
      interrupted(
        ['batch', 'download-file', 'batch_abc123', '--download-file-path', 'o.jsonl'],
        isContent,
        'SIGTERM',
      ),
      interrupted(['batch', 'create-from-file', '--file-path', 'openai.jsonl'], isUpload, 'SIGTERM'),
    ]);
    for (const result of results) expectFailure(result, { code: 143, says: /Interrupted/ });
    await nothingNew();
  });

  it('Ctrl-C while rows come through standard input leaves no file', async () => {
    const { path: here, remove: clean } = await temporaryFolder();
    try {
      const child = spawn(process.execPath, [BIN, 'batch', 'create', '--messages-file', '-'], {
        cwd: here,
        env: cleanEnv(here),
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      child.stdin.write(jsonLines([[{ role: 'user', content: 'a' }]]));
      const closed = new Promise((resolve) => child.on('close', resolve));
      await until(async () => (await readdir(here)).some((name) => name.includes('batch_requests')));
      child.kill('SIGINT');
      const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
      const code = await closed;
      clearTimeout(killer);
      expect(code).to.equal(130);
      expect((await readdir(here)).filter((name) => name.includes('batch_requests'))).to.deep.equal([]);
    } finally {
      await clean();
    }
  });

  async function runWithPause(): Promise<RunResult> {
    const server = await startFaultyServer((_request, response) =>
      sendJson(response, 200, openaiBatchObject({ status: 'in_progress', completed_at: null })),
    );
    try {
      return await runInstructor(['batch', 'wait', 'batch_abc123', '--poll', '3600'], {
        env: envFor(server.url),
        onStart: (child) => child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), 50)),
      });
    } finally {
      await server.close();
    }
  }
});
