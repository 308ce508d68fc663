import { expect } from 'chai';
import { openaiBatch, seedAnthropic, seedOpenAI } from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import { createFromFileSchema, errorSchema, parseAs } from '../support/json-schemas.js';
import {
  anthropicRequests,
  ask,
  jsonLines,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

const ANTHROPIC = ['--model', 'anthropic/claude-haiku-4-5'];

describe('batch create-from-file', () => {
  let world: World;
  const submit = async (file: string, ...flags: string[]) =>
    await world.run(['batch', 'create-from-file', '--file-path', file, ...flags]);

  before(async () => {
    world = await startWorld();
    await world.write('openai.jsonl', openaiRequests(3));
    await world.write('anthropic.jsonl', anthropicRequests(3));
  });
  after(() => world.close());

  it('sends the file, prints the id, then the five newest batches of that provider', async () => {
    await seedOpenAI(world, openaiRequests(1), 6);
    await seedAnthropic(world, anthropicRequests(1), 2);
    world.sandbox.resetRequests();

    const result = await submit('openai.jsonl');

    expect(result.code, result.stderr).to.equal(0);
    const [id = '', title, ...table] = result.stdout.split('\n');
    expect(id).to.match(/^batch_\w+$/);
    expect(title?.trim()).to.equal('OpenAI Batch Jobs');
    expect(table.filter((line) => line.startsWith('│'))).to.have.length(5);
    expect(table.find((line) => line.startsWith('│'))).to.include(id);
    expect(result.stderr).to.match(/Checked 3 requests, \d+ B/);
    expect(
      world.sandbox.requests.map(({ method, path, query }) => `${method} ${path} ${query}`.trim()),
    ).to.deep.equal(['POST /v1/files', 'POST /v1/batches', 'GET /v1/batches limit=5']);
    const batch = await openaiBatch(world, id);
    expect(batch).to.deep.include({
      metadata: { description: 'Instructor batch job' },
      completion_window: '24h',
      endpoint: '/v1/chat/completions',
    });
  });

  it('stores description and metadata, and an expiry of the files', async () => {
    const result = await submit(
      'openai.jsonl', '--description', 'Emails, v2.1', '--metadata', 'team=red', '--metadata', 'run=a=b',
      '--expires-after', '7d', '--completion-window', '24h', '--json',
    ); // prettier-ignore
    expect(result.code, result.stderr).to.equal(0);
    const { batch, requests, bytes } = parseAs(createFromFileSchema, result.stdout);
    expect(batch.metadata).to.deep.equal({ description: 'Emails, v2.1', team: 'red', run: 'a=b' });
    expect([requests, bytes]).to.deep.equal([3, Buffer.byteLength(openaiRequests(3))]);
    const input = batch.files.find(({ kind }) => kind === 'input')?.id ?? '';
    const answer = await fetch(`${world.sandbox.openaiBaseUrl}/files/${input}`, {
      headers: { authorization: `Bearer ${world.sandbox.key}` },
    });
    const file = (await answer.json()) as { created_at: number; expires_at: number };
    expect(file.expires_at - file.created_at).to.equal(7 * 24 * 3600);
  });

  it('says on Anthropic what it has no place for, and refuses what it was asked for in vain', async () => {
    const [plain, windowed, metadata, expiry, deprecated] = await Promise.all([
      submit('anthropic.jsonl', ...ANTHROPIC),
      submit('anthropic.jsonl', ...ANTHROPIC, '--completion-window', '24h'),
      submit('anthropic.jsonl', ...ANTHROPIC, '--metadata', 'team=red'),
      submit('anthropic.jsonl', ...ANTHROPIC, '--expires-after', '7d'),
      submit('anthropic.jsonl', '--use-anthropic'),
    ]);
    expect(plain.code, plain.stderr).to.equal(0);
    expect(plain.stdout).to.match(/^msgbatch_\w+\n +Anthropic Batch Jobs\n/);
    expect(plain.stderr).to.match(/Note: Anthropic batches carry no metadata: the description is not sent/);
    expect(windowed.stderr).to.match(/Note: Anthropic has no completion window/);
    expectFailure(metadata, { code: 3, says: /Anthropic batches carry no metadata/, advises: /--metadata/ });
    expectFailure(expiry, {
      code: 3,
      says: /Anthropic has no lifetime of files/,
      advises: /--expires-after/,
    });
    expect(deprecated.code, deprecated.stderr).to.equal(0);
    expect(deprecated.stdout).to.match(/^msgbatch_/);
    expect(deprecated.stderr).to.match(/Warning: --use-anthropic is deprecated/);
  });

  it('honours a temperature in an Anthropic file', async () => {
    await world.write('warm.jsonl', anthropicRequests(3, { temperature: 0.3, top_p: 0.9 }));
    const result = await submit('warm.jsonl', ...ANTHROPIC, '--wait', '--json');
    expect(result.code, result.stderr).to.equal(0);
    const { batch } = parseAs(createFromFileSchema, result.stdout);
    expect(batch.requests).to.deep.equal({ total: 3, succeeded: 3, failed: 0, processing: 0 });
  });

  it('takes --file-path only, and says what a setting is that makes no sense', async () => {
    world.sandbox.resetRequests();
    const results = await Promise.all([
      world.run(['batch', 'create-from-file']),
      submit('openai.jsonl', '--completion-window', '48h'),
      submit('openai.jsonl', '--expires-after', 'soon'),
      submit('openai.jsonl', '--expires-after', '1s'),
      submit('openai.jsonl', '--metadata', 'team'),
      submit('openai.jsonl', '--metadata', 'a=1', '--metadata', 'a=2'),
      submit('openai.jsonl', '--metadata', `a=${'x'.repeat(513)}`),
      submit('openai.jsonl', ...Array.from({ length: 16 }, (_, at) => ['--metadata', `k${at}=v`]).flat()),
    ]);
    const says = [/file-path/, /48h/, /"soon"/, /3600/, /key=value/, /twice/, /512/, /17 metadata pairs.*16/];
    for (const [at, result] of results.entries()) expectFailure(result, { code: 2, says: says[at] ?? /./ });
    expect(world.sandbox.requests).to.deep.equal([]);
  });

  it('finds every mistake before anything is sent', async () => {
    const line = (fields: Record<string, unknown>, body: Record<string, unknown> = {}): unknown => ({
      custom_id: 'x',
      method: 'POST',
      url: '/v1/chat/completions',
      ...fields,
      body: { model: 'gpt-4o-mini', messages: ask('x'), ...body },
    });
    await world.write(
      'wrong.jsonl',
      jsonLines([
        line({ custom_id: 'one' }),
        line({ custom_id: 'one' }),
        line({ custom_id: undefined }),
        line({ custom_id: 'three' }, { model: 'gpt-4o' }),
        line({ custom_id: 'four', url: '/v1/responses' }),
        line({ custom_id: 'five' }, { stream: true }),
        line({ custom_id: 'six' }, { messages: [] }),
        line({ custom_id: 'y'.repeat(65) }),
        line({ custom_id: 'eight', method: 'GET' }),
      ]) + 'not json\n',
    );
    await world.write(
      'reasoning.jsonl',
      openaiRequests(2, { model: 'o3-mini', max_tokens: 5, temperature: 0.2 }),
    );
    await world.write('empty.jsonl', '\n\n');
    await world.write(
      'ids.jsonl',
      jsonLines([
        { custom_id: 'not ok!', params: { model: 'claude-haiku-4-5', max_tokens: 5, messages: ask('x') } },
      ]),
    );
    world.sandbox.resetRequests();

    const [wrong, json, reasoning, empty, ids, foreign, strange, endpoint] = await Promise.all([
      submit('wrong.jsonl'),
      submit('wrong.jsonl', '--json'),
      submit('reasoning.jsonl'),
      submit('empty.jsonl'),
      submit('ids.jsonl', ...ANTHROPIC),
      submit('anthropic.jsonl'),
      submit('openai.jsonl', ...ANTHROPIC),
      submit('openai.jsonl', '--endpoint', '/v1/responses'),
    ]);

    expectFailure(wrong, {
      code: 1,
      says: /wrong\.jsonl has \d+ problems; nothing was sent/,
      advises: /Mend/,
    });
    const said = (number: number): string =>
      wrong.stderr
        .split('\n')
        .filter((one) => new RegExp(`wrong\\.jsonl:${number}\\b`).test(one))
        .join('\n');
    expect(said(1)).to.equal('');
    expect(said(2)).to.match(/\(one\).*line 1/);
    expect(said(3)).to.match(/custom_id is missing/);
    expect(said(4)).to.match(/\(three\).*gpt-4o differs from gpt-4o-mini.*make a file for each model/);
    expect(said(5)).to.match(/\(four\).*\/v1\/responses/);
    expect(said(6)).to.match(/\(five\).*stream/);
    expect(said(7)).to.match(/\(six\).*messages/);
    expect(said(8)).to.match(/custom id/);
    expect(said(9)).to.match(/\(eight\).*POST/);
    expect(said(10)).to.match(/not valid JSON/);
    const { error } = parseAs(errorSchema, json.stdout);
    expect(json.code).to.equal(1);
    expect(error.problems?.map((problem) => problem.line)).to.include.members([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expectFailure(reasoning, { code: 1, says: /has 4 problems/ });
    expect(reasoning.stderr).to.match(
      /reasoning\.jsonl:1 \(row-0\): .*max_tokens.*use max_completion_tokens/,
    );
    expectFailure(empty, { code: 1, says: /empty\.jsonl has a problem/ });
    expect(empty.stderr).to.match(/no request in it/);
    expectFailure(ids, { code: 1, says: /ids\.jsonl has a problem/ });
    expect(ids.stderr).to.include('(not ok!)');
    expectFailure(foreign, { code: 1, says: /has a problem; nothing was sent/ });
    expect(foreign.stderr).to.match(/This looks like an Anthropic request file.*--model anthropic\//);
    expect(strange.stderr).to.match(/This looks like an OpenAI request file.*--model openai\//);
    expectFailure(endpoint, { code: 1, says: /has 3 problems/ });
    expect(world.sandbox.requests).to.deep.equal([]);
  });

  it('sends an unchecked file with --no-validate, and shows why it failed', async () => {
    await world.write('double.jsonl', openaiRequests(1) + openaiRequests(1));
    const result = await submit('double.jsonl', '--no-validate', '--wait');
    expect(result.code, result.stderr).to.equal(1);
    expect(result.stdout).to.match(/^batch_\w+\n/);
    expect(result.stderr).to.match(/Read 2 requests/);
    expect(result.stderr).to.match(/failed .*line 2: /);
  });

  it('tidies what editors leave in files: byte order mark, carriage returns, blank lines, no last line feed', async () => {
    const text = `\uFEFF\r\n${openaiRequests(3).replaceAll('\n', '\r\n').trimEnd()}`;
    await world.write('windows.jsonl', text);
    const result = await submit('windows.jsonl', '--wait', '--json');
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(createFromFileSchema, result.stdout).batch.requests.succeeded).to.equal(3);
  });

  it('notes that the file decides the model', async () => {
    const result = await submit('openai.jsonl', '--model', 'openai/gpt-4.1');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.match(/Note: The requests ask gpt-4o-mini, not gpt-4\.1/);
  });

  it('sends requests to the other endpoints as well', async () => {
    await world.write(
      'embeddings.jsonl',
      jsonLines([
        {
          custom_id: 'e',
          method: 'POST',
          url: '/v1/embeddings',
          body: { model: 'text-embedding-3-small', input: 'x' },
        },
      ]),
    );
    await world.write(
      'responses.jsonl',
      jsonLines([
        { custom_id: 'r', method: 'POST', url: '/v1/responses', body: { model: 'gpt-4o-mini', input: 'x' } },
      ]),
    );
    const [first, second] = await Promise.all([
      submit('embeddings.jsonl', '--wait', '--json'),
      submit('responses.jsonl', '--wait', '--json', '--endpoint', '/v1/responses'),
    ]);
    expect(parseAs(createFromFileSchema, first.stdout).batch).to.include({
      endpoint: '/v1/embeddings',
      status: 'completed',
    });
    expect(parseAs(createFromFileSchema, second.stdout).batch).to.include({
      endpoint: '/v1/responses',
      status: 'completed',
    });
  });
});

describe('batch create-from-file on a terminal', () => {
  it('shows its progress in place, and puts the cursor back', async function () {
    if (!hasTerminal()) this.skip();
    const world = await startWorld();
    try {
      await world.write('requests.jsonl', openaiRequests(40_000));
      const { code, output } = await runInTerminal(
        ['batch', 'create-from-file', '--file-path', 'requests.jsonl'],
        { cwd: world.folder, env: world.env },
      );
      expect(code, output).to.equal(0);
      // How much of the bar shows depends on how fast the machine is.
      expect(output).to.match(/Sending/);
      expect(output.lastIndexOf('\u001B[?25h')).to.be.greaterThan(output.lastIndexOf('\u001B[?25l'));
      const kept = output.split('\u001B[?25h').at(-1) ?? '';
      expect(output).to.match(/\nbatch_\w+\r\n/);
      expect(kept, 'the bar is gone').to.not.include('Sending');
    } finally {
      await world.close();
    }
  });
});

describe('batch create-from-file --wait', () => {
  it('exits with 0, 6 or 1, as the batch ends', async () => {
    const [good, mixed, late] = await Promise.all([
      startWorld(),
      startWorld({ outcome: ({ index }) => (index === 0 ? 'errored' : undefined) }),
      startWorld({ endAs: 'expired' }),
    ]);
    try {
      const results = await Promise.all(
        [good, mixed, late].map(async (world) => {
          await world.write('requests.jsonl', openaiRequests(2));
          return await world.run(['batch', 'create-from-file', '--file-path', 'requests.jsonl', '--wait']);
        }),
      );
      expect(results.map(({ code }) => code)).to.deep.equal([0, 6, 1]);
      for (const { stdout } of results) expect(stdout).to.match(/^batch_\w+\n/);
      expect(results[0]?.stderr).to.match(/completed {2}2 of 2 \(100%\)/);
      expect(results[1]?.stderr).to.match(/1 failed/);
      expect(results[2]?.stderr).to.match(/expired/);
    } finally {
      await Promise.all([good.close(), mixed.close(), late.close()]);
    }
  });

  it('prints the id before it waits, so that an interruption loses nothing', async () => {
    const world = await startWorld({ timing: NEVER });
    try {
      await world.write('requests.jsonl', openaiRequests(2));
      const result = await world.run(
        ['batch', 'create-from-file', '--file-path', 'requests.jsonl', '--wait'],
        {
          onStart: (child) =>
            child.stderr.on('data', (text: string) => text.includes('processing') && child.kill('SIGINT')),
        },
      );
      expect(result.stdout).to.match(/^batch_\w+\n/);
      expectFailure(result, { code: 130, says: /Interrupted/, stdout: /^batch_/ });
    } finally {
      await world.close();
    }
  });
});
