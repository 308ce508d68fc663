import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import {
  openaiBatchObject,
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../support/faulty-server.js';
import { runInstructor, temporaryFolder, type RunResult } from '../support/run-instructor.js';
import { envFor, jsonLines } from '../support/world.js';

const ROWS = 4000;
const BODY = Buffer.from(
  jsonLines(
    Array.from({ length: ROWS }, (_, index) => ({
      id: `batch_req_${index}`,
      custom_id: `row-${index}`,
      response: {
        status_code: 200,
        request_id: `req_${index}`,
        body: {
          model: 'gpt-4o-mini',
          choices: [{ message: { content: `answer ${index}` }, finish_reason: 'stop' }],
        },
      },
      error: null,
    })),
  ),
);
const BATCH = openaiBatchObject({ request_counts: { total: ROWS, completed: ROWS, failed: 0 } });
const CUT_AT = 300_001;

interface Serving {
  ranges?: boolean;
  /** Whether the length is announced. */
  length?: boolean;
  /** How many bytes of what is left come before the line is cut; undefined: all. */
  cut: (attempt: number) => number | undefined;
  etag?: (attempt: number) => string;
}

describe('connections that break', () => {
  let folder: string;
  let remove: () => Promise<void>;
  before(async () => {
    ({ path: folder, remove } = await temporaryFolder());
  });
  after(() => remove());

  /** A service whose result file never comes in one piece. */
  const serving = async (
    { ranges = true, length = true, cut, etag = () => '"v1"' }: Serving,
    runs: (run: (args: string[]) => Promise<RunResult>, server: FaultyServer) => Promise<void>,
  ): Promise<void> => {
    let attempt = 0;
    const content = (request: IncomingMessage, response: ServerResponse): void => {
      const tag = etag(attempt);
      const limit = cut(attempt);
      attempt += 1;
      const asked = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
      const current = request.headers['if-range'] === undefined || request.headers['if-range'] === tag;
      const start = ranges && asked && current ? Number(asked[1]) : 0;
      const rest = BODY.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-type': 'application/octet-stream',
        etag: tag,
        ...(length ? { 'content-length': String(rest.length) } : {}),
        ...(start > 0 ? { 'content-range': `bytes ${start}-${BODY.length - 1}/${BODY.length}` } : {}),
      });
      if (limit === undefined) return void response.end(rest);
      response.write(rest.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
    };
    const server = await startFaultyServer((request, response) => {
      if (request.url?.endsWith('/content')) content(request, response);
      else sendJson(response, 200, BATCH);
    });
    try {
      await runs(async (args) => await runInstructor(args, { env: envFor(server.url), cwd: folder }), server);
    } finally {
      await server.close();
    }
  };
  const download = (name: string): string[] => [
    'batch',
    'download-file',
    'batch_abc123',
    '--download-file-path',
    name,
  ];
  const contents = (server: FaultyServer) => server.requests.filter(({ url }) => url.endsWith('/content'));
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const expectWhole = async (name: string): Promise<void> => {
    expect(digest(await readFile(join(folder, name)))).to.equal(digest(BODY));
  };

  it('a download goes on where it broke, if the server allows it', async () => {
    await serving({ cut: (attempt) => (attempt < 2 ? CUT_AT : undefined) }, async (run, server) => {
      const result = await run(download('ranges.jsonl'));
      expect(result.code, result.stderr).to.equal(0);
      await expectWhole('ranges.jsonl');
      const asked = contents(server).map(({ headers }) => headers.range);
      expect(asked[0]).to.equal(undefined);
      expect(Number(/^bytes=(\d+)-$/.exec(asked[1] ?? '')?.[1])).to.be.within(1, CUT_AT);
      expect(contents(server)[1]?.headers['if-range']).to.equal('"v1"');
      expect(asked).to.have.length(3);
      expect(result.stderr).to.match(/Note: .*connection was cut; going on at byte \d+/);
    });
  });

  it('a download begins anew where the server allows no ranges, and still is complete', async () => {
    await serving(
      { ranges: false, cut: (attempt) => (attempt < 1 ? CUT_AT : undefined) },
      async (run, server) => {
        const result = await run(download('anew.jsonl'));
        expect(result.code, result.stderr).to.equal(0);
        await expectWhole('anew.jsonl');
        expect(contents(server)).to.have.length(2);
        expect(result.stderr).to.match(/from the start/);
      },
    );
  });

  it('a cut is noticed without an announced length as well', async () => {
    await serving({ length: false, cut: (attempt) => (attempt < 1 ? CUT_AT : undefined) }, async (run) => {
      const result = await run(download('chunked.jsonl'));
      expect(result.code, result.stderr).to.equal(0);
      await expectWhole('chunked.jsonl');
    });
  });

  it('a connection that never gets further ends in an error, and no file is left', async () => {
    await serving({ cut: (attempt) => (attempt === 0 ? CUT_AT : 0) }, async (run, server) => {
      const [downloaded, results] = await Promise.all([
        run(download('never.jsonl')),
        run(['batch', 'results', 'batch_abc123', '--output-file', 'never-results.jsonl']),
      ]);
      for (const result of [downloaded, results]) {
        expectFailure(result, {
          code: 1,
          says: /OpenAI .*(cut|less of the file)/,
          advises: /no incomplete file was left/,
        });
      }
      expect(contents(server).length).to.be.at.least(6);
      expect((await readdir(folder)).filter((name) => name.includes('never'))).to.deep.equal([]);
    });
  }).timeout(40_000);

  it('another version of the file is not glued to the first part', async () => {
    await serving(
      { cut: (attempt) => (attempt === 0 ? CUT_AT : undefined), etag: (attempt) => `"v${attempt}"` },
      async (run) => {
        expectFailure(await run(download('glued.jsonl')), {
          code: 1,
          says: /another version/,
          advises: /again/,
        });
        expect((await readdir(folder)).filter((name) => name.includes('glued'))).to.deep.equal([]);
      },
    );
  });

  it('results are complete after a cut, row by row', async () => {
    await serving({ cut: (attempt) => (attempt < 2 ? CUT_AT : undefined) }, async (run) => {
      const result = await run(['batch', 'results', 'batch_abc123', '--output-file', 'results.jsonl']);
      expect(result.code, result.stderr).to.equal(0);
      const rows = (await readFile(join(folder, 'results.jsonl'), 'utf8')).trimEnd().split('\n');
      expect(rows).to.have.length(ROWS);
      expect(new Set(rows.map((row) => (JSON.parse(row) as { custom_id: string }).custom_id)).size).to.equal(
        ROWS,
      );
      expect(result.stderr).to.match(/connection was cut; going on at byte/);
    });
  });

  it('a list that is cut in the middle is asked for again, and told as cut if that does not help', async () => {
    const page = JSON.stringify({
      object: 'list',
      data: Array.from({ length: 10 }, () => BATCH),
      has_more: false,
    });
    let cuts = 2;
    const server = await startFaultyServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length });
      if (cuts-- <= 0) return void response.end(page);
      response.write(page.slice(0, 500), () => setTimeout(() => response.destroy(), 20));
    });
    try {
      const recovered = await runInstructor(['batch', 'list'], { env: envFor(server.url) });
      expect(recovered.code, recovered.stderr).to.equal(0);
      expect(recovered.stdout).to.include('batch_abc123');
      cuts = 100;
      const broken = await runInstructor(['batch', 'list'], { env: envFor(server.url) });
      expectFailure(broken, {
        code: 1,
        says: /OpenAI could not be reached: the connection was cut/,
        advises: /connection/,
      });
    } finally {
      await server.close();
    }
  });
});
