import { expect } from 'chai';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import {
  openaiBatchObject,
  sendJson,
  startFaultyServer,
  type FaultyServer,
  type Misbehaviour,
} from '../support/faulty-server.js';
import { errorSchema, parseAs } from '../support/json-schemas.js';
import { runInstructor, type RunResult } from '../support/run-instructor.js';
import { anthropicRequests, envFor, openaiRequests, startWorld, type World } from '../support/world.js';

const KEY = 'sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789';
const EMPTY_LIST = { object: 'list', data: [], has_more: false };

const OPENAI_LIST = ['batch', 'list'];
const ANTHROPIC_LIST = ['batch', 'list', '--provider', 'anthropic'];

/** Runs against a server that misbehaves, and hands out what came of it. */
async function against(
  misbehave: Misbehaviour,
  runs: (run: (args: string[]) => Promise<RunResult>, server: FaultyServer) => Promise<void>,
): Promise<void> {
  const server = await startFaultyServer(misbehave);
  try {
    await runs(async (args) => await runInstructor(args, { env: envFor(server.url, KEY) }), server);
  } finally {
    await server.close();
  }
}

describe('failures of the provider', () => {
  let world: World;
  before(async () => {
    world = await startWorld();
    await world.write('openai.jsonl', openaiRequests(2));
    await world.write('anthropic.jsonl', anthropicRequests(2));
  });
  after(() => world.close());

  it('no key: exit code 4, the name of the variable, and no request', async () => {
    world.sandbox.resetRequests();
    const keyless = { env: { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: '' } };
    const openai = [
      ['list'],
      ['get', 'batch_a'],
      ['cancel', 'batch_a'],
      ['wait', 'batch_a'],
      ['results', 'batch_a', '--output-file', 'x'],
      ['download-file', 'batch_a', '--download-file-path', 'x'],
      ['create-from-file', '--file-path', 'openai.jsonl'],
    ];
    const anthropic = [
      ['list', '--provider', 'anthropic'],
      ['delete', 'msgbatch_a'],
      ['create-from-file', '--file-path', 'anthropic.jsonl', '--model', 'anthropic/claude-haiku-4-5'],
    ];
    const results = await Promise.all(
      [...openai, ...anthropic].map((args) => world.run(['batch', ...args], keyless)),
    );
    for (const [at, result] of results.entries()) {
      const name =
        at < openai.length ? /no key for OpenAI: OPENAI_API_KEY/ : /no key for Anthropic: ANTHROPIC_API_KEY/;
      expectFailure(result, { code: 4, says: name, advises: /environment.*--dotenv/ });
    }
    const json = await world.run(['batch', 'list', '--json'], keyless);
    expect(json.code).to.equal(4);
    expect(parseAs(errorSchema, json.stdout).error).to.include({ code: 'credentials', exit_code: 4 });
    expect(world.sandbox.requests).to.deep.equal([]);
    expect(await world.files()).to.deep.equal(['anthropic.jsonl', 'openai.jsonl']);
  });

  it('reads keys from a file that the user names', async () => {
    await world.write('.env', `OPENAI_API_KEY="${world.sandbox.key}" # mine\n`);
    const keyless = { env: { OPENAI_API_KEY: undefined } };
    const [read, joined, absent] = await Promise.all([
      world.run(['batch', 'list', '--dotenv', '.env'], keyless),
      world.run(['batch', 'list', '--dotenv=.env'], keyless),
      world.run(['batch', 'list', '--dotenv', 'absent.env'], keyless),
    ]);
    expect(read.code, read.stderr).to.equal(0);
    expect(joined.code, joined.stderr).to.equal(0);
    expectFailure(absent, { code: 2, says: /Cannot read absent\.env/, advises: /Try:/ });
  });

  it('wrong key: exit code 4, where to look, the request id, and nothing of the key', async () => {
    const wrong = { env: { OPENAI_API_KEY: KEY, ANTHROPIC_API_KEY: KEY } };
    const [openai, anthropic, json, submit, debug] = await Promise.all([
      world.run(OPENAI_LIST, wrong),
      world.run(ANTHROPIC_LIST, wrong),
      world.run([...ANTHROPIC_LIST, '--json'], wrong),
      world.run(['batch', 'create-from-file', '--file-path', 'openai.jsonl'], wrong),
      world.run([...OPENAI_LIST, '--debug'], wrong),
    ]);
    expectFailure(openai, {
      code: 4,
      says: /key/i,
      advises: /OPENAI_API_KEY/,
      requestId: 'req_',
      secrets: [KEY],
    });
    expectFailure(anthropic, {
      code: 4,
      says: /key|token/i,
      advises: /ANTHROPIC_API_KEY/,
      requestId: 'req_',
      secrets: [KEY],
    });
    expectFailure(submit, { code: 4, says: /key/i, secrets: [KEY] });
    const { error } = parseAs(errorSchema, json.stdout);
    expect(error).to.include({ code: 'authentication', status: 401, exit_code: 4 });
    expect(error.request_id).to.match(/^req_/);
    expect(json.stdout + json.stderr + debug.stderr).to.not.include(KEY);
  });

  it('shows no key, even if the provider sends it back', async () => {
    await against(
      (_request, response) =>
        sendJson(response, 401, {
          error: {
            message: `Incorrect API key provided: ${KEY}. See our site.`,
            type: 'invalid_request_error',
          },
        }),
      async (run) => {
        const [text, json, debug] = await Promise.all([
          run(OPENAI_LIST),
          run([...OPENAI_LIST, '--json']),
          run([...OPENAI_LIST, '--debug']),
        ]);
        expectFailure(text, { code: 4, says: /Incorrect API key provided/, secrets: [KEY] });
        expect(json.stdout + json.stderr, 'JSON').to.not.include(KEY);
        expect(debug.stdout + debug.stderr, '--debug').to.not.include(KEY);
      },
    );
  });

  it('404: exit code 1, and how to find the id', async () => {
    const results = await Promise.all([
      world.run(['batch', 'get', 'batch_doesnotexist']),
      world.run(['batch', 'results', 'msgbatch_doesnotexist', '--output-file', 'never.jsonl']),
      world.run(['batch', 'download-file', 'batch_doesnotexist', '--download-file-path', 'never.jsonl']),
    ]);
    for (const result of results) {
      expectFailure(result, {
        code: 1,
        says: /doesnotexist|not found/i,
        advises: /batch list/,
        requestId: 'req_',
      });
    }
    const json = await world.run(['batch', 'get', 'batch_doesnotexist', '--json']);
    expect(parseAs(errorSchema, json.stdout).error).to.include({
      code: 'not_found',
      status: 404,
      exit_code: 1,
    });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('429 with retry-after: waits as long as it is told and recovers', async () => {
    await against(
      (_request, response, count) => {
        if (count < 2)
          return sendJson(
            response,
            429,
            { error: { message: 'Rate limit reached' } },
            { 'retry-after-ms': '300' },
          );
        sendJson(response, 200, EMPTY_LIST);
      },
      async (run, server) => {
        const startedAt = Date.now();
        const result = await run(OPENAI_LIST);
        expect(result.code, result.stderr).to.equal(0);
        expect(Date.now() - startedAt).to.be.greaterThan(600);
        expect(result.stderr).to.match(/Note: Rate limit reached; trying again in 0\.3 s/);
        expect(server.requests).to.have.length(3);
      },
    );
  });

  it('429 without end: tries three times, then tells when to come back', async () => {
    const limit =
      (headers: Record<string, string>): Misbehaviour =>
      (_request, response) =>
        sendJson(
          response,
          429,
          { error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } },
          { 'x-request-id': 'req_limit', ...headers },
        );
    await Promise.all([
      against(limit({ 'retry-after': '0' }), async (run, server) => {
        expectFailure(await run(OPENAI_LIST), {
          code: 1,
          says: /Rate limit reached/,
          advises: /Try again/,
          requestId: 'req_limit',
        });
        expect(server.requests).to.have.length(3);
      }),
      against(limit({}), async (run, server) => {
        expectFailure(await run(OPENAI_LIST), {
          code: 1,
          says: /Rate limit reached/,
          advises: /Wait a little/,
          requestId: 'req_limit',
        });
        expect(server.requests).to.have.length(3);
      }),
      against(limit({ 'retry-after': '3600' }), async (run, server) => {
        const result = await run([...OPENAI_LIST, '--json']);
        expect(result.code).to.equal(1);
        expect(parseAs(errorSchema, result.stdout).error).to.include({
          code: 'rate_limited',
          status: 429,
          provider_code: 'rate_limit_exceeded',
        });
        expect(result.stderr).to.match(/Try again in (3600 s|60 m|1 ?h)/);
        expect(server.requests, 'nobody waits an hour').to.have.length(1);
      }),
    ]);
  });

  it('429 for want of money is not repeated', async () => {
    await against(
      (_request, response) =>
        sendJson(response, 429, {
          error: { message: 'You exceeded your current quota', code: 'insufficient_quota' },
        }),
      async (run, server) => {
        expectFailure(await run(OPENAI_LIST), { code: 1, says: /quota/, advises: /plan/ });
        expect(server.requests).to.have.length(1);
      },
    );
  });

  it('500 as JSON, 502 as a web page, a web page with 200, half a document: exit code 1 and a clear word', async () => {
    const page = '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
    const html =
      (status: number): Misbehaviour =>
      (_request, response) => {
        response.writeHead(status, { 'content-type': 'text/html', 'x-request-id': 'req_page' });
        response.end(page);
      };
    const cases: [string[], Misbehaviour, RegExp, string | undefined][] = [
      [
        OPENAI_LIST,
        (_request, response) => sendJson(response, 500, { error: { message: 'The server had an error' } }, { 'x-request-id': 'req_500', 'retry-after-ms': '5' }),
        /The server had an error/,
        'req_500',
      ],
      [
        ANTHROPIC_LIST,
        (_request, response) => sendJson(response, 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_529' }, { 'retry-after-ms': '5' }),
        /Overloaded/,
        'req_529',
      ],
      [OPENAI_LIST, html(502), /OpenAI answered 502 with a web page/, 'req_page'],
      [ANTHROPIC_LIST, html(502), /Anthropic answered 502 with a web page/, undefined],
      [OPENAI_LIST, html(200), /OpenAI /, undefined],
      [ANTHROPIC_LIST, html(200), /Anthropic /, undefined],
      [['batch', 'get', 'batch_a'], html(200), /OpenAI /, undefined],
      [['batch', 'results', 'msgbatch_a', '--output-file', 'never.jsonl'], html(200), /Anthropic /, undefined],
      [OPENAI_LIST, (_request, response) => sendJson(response, 200, { object: 'list' }), /OpenAI sent something/, undefined],
      [OPENAI_LIST, (_request, response) => sendJson(response, 200, null), /OpenAI sent something/, undefined],
      [
        OPENAI_LIST,
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end('{"object":"list","data":[{"id":"batch_a"');
        },
        /OpenAI sent an answer that is cut short or not JSON/,
        undefined,
      ],
      [ANTHROPIC_LIST, (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(''); }, /Anthropic /, undefined],
    ]; // prettier-ignore
    // Not all at once: each of them tries three times.
    for (const half of [cases.slice(0, 6), cases.slice(6)]) {
      await Promise.all(
        half.map(([args, misbehave, says, requestId]) =>
          against(misbehave, async (run) => {
            const result = await run(args);
            expectFailure(result, { code: 1, says, advises: /Try:/, requestId, secrets: [KEY] });
            expect(result.stderr).to.not.include('<h1>');
          }),
        ),
      );
    }
  });

  it('connection refused and unknown hosts: exit code 1, and what to check', async () => {
    const server = await startFaultyServer(() => undefined);
    await server.close();
    const [refused, anthropic, wait] = await Promise.all([
      runInstructor(OPENAI_LIST, { env: envFor(server.url, KEY) }),
      runInstructor(ANTHROPIC_LIST, { env: envFor(server.url, KEY) }),
      runInstructor(['batch', 'results', 'batch_a', '--output-file', 'never.jsonl'], {
        env: envFor(server.url, KEY),
        cwd: world.folder,
      }),
    ]);
    expectFailure(refused, {
      code: 1,
      says: /OpenAI could not be reached: nothing answers/,
      advises: /base URL/,
      secrets: [KEY],
    });
    expectFailure(anthropic, {
      code: 1,
      says: /Anthropic could not be reached: nothing answers/,
      advises: /base URL/,
    });
    expectFailure(wait, { code: 1, says: /could not be reached/ });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('shows a stack with --debug or DEBUG only', async () => {
    const debug = await world.run(['batch', 'get', 'batch_doesnotexist', '--debug']);
    const variable = await world.run(['batch', 'get', 'batch_doesnotexist'], { env: { DEBUG: '1' } });
    const plain = await world.run(['batch', 'get', 'batch_doesnotexist']);
    expect(debug.stderr).to.match(/^\s+at .*\.js:\d+/m);
    expect(debug.stderr).to.match(/^Error: /m);
    expect(debug.code).to.equal(1);
    expect(variable.stderr).to.match(/^\s+at .*\.js:\d+/m);
    expectClean(plain);
  });

  it('makes control characters of the provider visible', async () => {
    await against(
      (_request, response) =>
        sendJson(
          response,
          400,
          { error: { message: 'bad\u001B[2J\u0007 \u202Ething\r\nError: fake' } },
          { 'x-request-id': 'req_x' },
        ),
      async (run) => {
        const result = await run(OPENAI_LIST);
        expectFailure(result, {
          code: 1,
          says: /bad\\x1b\[2J\\x07 \\u202ething\\r\\nError: fake/,
          requestId: 'req_x',
        });
      },
    );
  });

  it('creates once: a lost answer is looked for, never repeated', async () => {
    const lost = (request: { method?: string | undefined; url?: string | undefined }): boolean =>
      request.method === 'POST' && (request.url ?? '').endsWith('/batches');
    const submitOpenAI = ['batch', 'create-from-file', '--file-path', `${world.folder}/openai.jsonl`];
    const submitAnthropic = [
      'batch', 'create-from-file', '--file-path', `${world.folder}/anthropic.jsonl`, '--provider', 'anthropic',
    ]; // prettier-ignore
    const misbehave =
      (listed: unknown[]): Misbehaviour =>
      (request, response) => {
        request.resume();
        request.on('end', () => {
          if (lost(request)) return void response.destroy();
          if (request.method === 'POST') return sendJson(response, 200, { id: 'file-mine', object: 'file' });
          sendJson(response, 200, { object: 'list', data: listed, has_more: false });
        });
      };
    const creates = (server: FaultyServer): number => server.requests.filter(lost).length;
    await Promise.all([
      against(misbehave([]), async (run, server) => {
        const result = await run(submitOpenAI);
        expectFailure(result, {
          code: 1,
          says: /OpenAI/,
          advises: /not known whether the batch was created.*batch list/,
        });
        expect(creates(server)).to.equal(1);
      }),
      against(
        misbehave([openaiBatchObject({ id: 'batch_found', input_file_id: 'file-mine' })]),
        async (run, server) => {
          const result = await run(submitOpenAI);
          expect(result.code, result.stderr).to.equal(0);
          expect(result.stdout).to.match(/^batch_found\n/);
          expect(creates(server)).to.equal(1);
        },
      ),
      against(misbehave([]), async (run, server) => {
        const result = await run(submitAnthropic);
        expectFailure(result, {
          code: 1,
          says: /Anthropic/,
          advises: /not known whether the batch was created; do not submit again/,
        });
        expect(creates(server)).to.equal(1);
      }),
    ]);
  });

  it('does not call a batch a failure because the list after it fails', async () => {
    await against(
      (request, response) => {
        request.resume();
        request.on('end', () => {
          if (request.method === 'GET') return sendJson(response, 500, {}, { 'retry-after-ms': '1' });
          if (request.url?.endsWith('/files'))
            return sendJson(response, 200, { id: 'file-mine', object: 'file' });
          sendJson(response, 200, openaiBatchObject());
        });
      },
      async (run) => {
        const result = await run([
          'batch',
          'create-from-file',
          '--file-path',
          `${world.folder}/openai.jsonl`,
        ]);
        expect(result.code, result.stderr).to.equal(0);
        expect(result.stdout).to.equal('batch_abc123\n');
        expect(result.stderr).to.match(/Warning: The batch was created, but the list cannot be shown/);
      },
    );
  });
});
