import { chmod, stat } from 'node:fs/promises';
import { expect } from 'chai';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import { createSchema, errorSchema, parseAs } from '../support/json-schemas.js';
import { ask, jsonLines, linesOf, startWorld, type World } from '../support/world.js';

type Line = { custom_id: string; method: string; url: string; body: Record<string, unknown>; params: Record<string, unknown> }; // prettier-ignore

const MODEL_TS = `import { z } from 'zod';
export const Label = z.object({
  label: z.enum(['SPAM', 'HAM']).describe('What it is'),
  reason: z.string().optional(),
});
export const Other = z.object({ count: z.number() });
`;
const MODEL_JSON = JSON.stringify({
  title: 'Label',
  type: 'object',
  properties: { label: { type: 'string', enum: ['SPAM', 'HAM'] } },
  required: ['label'],
});

describe('batch create', () => {
  let world: World;
  let number = 0;
  const freshFile = (): string => `requests-${(number += 1)}.jsonl`;
  const createFrom = async (messages: string, file: string, ...flags: string[]) =>
    await world.run(['batch', 'create', '--messages-file', messages, '--output-file', file, ...flags]);
  const create = async (file: string, ...flags: string[]) =>
    await createFrom('messages.jsonl', file, ...flags);
  const lines = async (file: string): Promise<Line[]> => (await world.rows(file)) as unknown as Line[];

  before(async () => {
    world = await startWorld();
    const conversation = [{ role: 'system', content: 'Be brief' }, ...ask('first')];
    await world.write(
      'messages.jsonl',
      jsonLines([
        conversation,
        { messages: ask('second'), custom_id: 'mine', top_p: 0.5, max_tokens: 7 },
        ask('third'),
      ]) + '\n',
    );
    await world.write(
      'keyed.jsonl',
      jsonLines([
        { messages: ask('one'), key: 'k-1' },
        { messages: ask('two'), key: 'k-2' },
      ]),
    );
    await world.write('plain.jsonl', jsonLines([conversation, ask('two')]));
    await world.write('model.ts', MODEL_TS);
    await world.write('model.mjs', MODEL_TS);
    await world.write('model.js', MODEL_TS);
    await world.write('model.json', MODEL_JSON);
  });
  after(() => world.close());

  it("writes OpenAI's request lines with the defaults, under the default name, without key or network", async () => {
    const before = world.sandbox.requests.length;
    const keyless = { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined };
    const result = await world.run(['batch', 'create', '--messages-file', 'plain.jsonl'], { env: keyless });

    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.equal('batch_requests.jsonl\n');
    expect(result.stderr).to.include('Wrote 2 requests');
    expect(result.stderr).to.include(
      'instructor batch create-from-file --file-path batch_requests.jsonl --model openai/gpt-4o-mini',
    );
    expect(await world.rows('batch_requests.jsonl')).to.deep.equal([
      {
        custom_id: 'request-0',
        method: 'POST',
        url: '/v1/chat/completions',
        body: {
          model: 'gpt-4o-mini',
          max_tokens: 1000,
          temperature: 0.1,
          messages: [{ role: 'system', content: 'Be brief' }, ...ask('first')],
        },
      },
      {
        custom_id: 'request-1',
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model: 'gpt-4o-mini', max_tokens: 1000, temperature: 0.1, messages: ask('two') },
      },
    ]);
    expect(world.sandbox.requests.length).to.equal(before);
  });

  it('takes lists and objects, custom ids and parameters of a row, --id-key and --param', async () => {
    const [plain, keyed] = [freshFile(), freshFile()];
    const [first, second] = await Promise.all([
      create(plain, '--max-tokens', '50', '--temperature', '0.7', '--param', 'seed=7'),
      createFrom(
        'keyed.jsonl',
        keyed,
        '--id-key',
        'key',
        '--param',
        'metadata.team=red',
        '--param',
        'metadata.run=12',
        '--param',
        'stop=["a","b"]',
        '--param',
        'user=someone',
        '--param',
        'store=false',
      ),
    ]);

    expect(first.code, first.stderr).to.equal(0);
    const rows = await lines(plain);
    expect(rows.map((row) => row.custom_id)).to.deep.equal(['request-0', 'mine', 'request-2']);
    expect(rows[0]?.body).to.include({ max_tokens: 50, temperature: 0.7, seed: 7 });
    expect(rows[1]?.body).to.deep.include({ max_tokens: 7, top_p: 0.5, messages: ask('second') });
    expect(second.code, second.stderr).to.equal(0);
    const others = await lines(keyed);
    expect(others.map((row) => row.custom_id)).to.deep.equal(['k-1', 'k-2']);
    expect(others[0]?.body).to.deep.include({
      metadata: { team: 'red', run: 12 },
      stop: ['a', 'b'],
      user: 'someone',
      store: false,
    });
  });

  it('keeps what a schema file prints out of the answer', async () => {
    await world.write('noisy.mjs', `console.log('noise');\n${MODEL_TS}`);
    const result = await createFrom('plain.jsonl', '-', '--response-model', 'noisy.mjs#Label');
    expect(result.code, result.stderr).to.equal(0);
    expect(linesOf(result.stdout)).to.have.length(2);
    expect(result.stderr).to.include('noise');
  });

  it('refuses numbers out of range, parameters that are none, and one document over several lines', async () => {
    await world.write('pretty.json', JSON.stringify([ask('one')], undefined, 2));
    const [hot, several, own, pretty] = await Promise.all([
      createFrom('plain.jsonl', 'never.jsonl', '--temperature', '99'),
      createFrom('plain.jsonl', 'never.jsonl', '--param', 'n=3'),
      createFrom('plain.jsonl', 'never.jsonl', '--param', 'messages=5'),
      createFrom('pretty.json', 'never.jsonl'),
    ]);
    expectFailure(hot, { code: 1, says: /2 problems/ });
    expect(hot.stderr).to.include(
      'plain.jsonl:1 (request-0): body.temperature: 99 is not a number from 0 to 2',
    );
    expect(several.stderr).to.include('body.n: a row keeps one answer');
    expectFailure(own, { code: 2, says: /--param messages is no parameter/ });
    expectFailure(pretty, { code: 1, says: /one JSON document over several lines/, advises: /jq/ });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('reads standard input and writes standard output', async () => {
    const result = await world.run(['batch:create', '--messages-file', '-', '--output-file', '-'], {
      input: jsonLines([ask('one'), ask('two')]),
    });
    expect(result.code, result.stderr).to.equal(0);
    expect(linesOf(result.stdout).map((row) => row['custom_id'])).to.deep.equal(['request-0', 'request-1']);
    expect(result.stderr).to.include('Wrote 2 requests');
    const json = await world.run(
      ['batch', 'create', '--messages-file', '-', '--output-file', '-', '--json'],
      {
        input: jsonLines([ask('one')]),
      },
    );
    expect(json.code).to.equal(2);
  });

  it('asks each endpoint in its own way', async () => {
    const [responses, embeddings, unknown] = [freshFile(), freshFile(), freshFile()];
    await world.write('inputs.jsonl', jsonLines([{ input: 'embed me', custom_id: 'e' }]));
    const [first, second, third, fourth] = await Promise.all([
      create(responses, '--endpoint', '/v1/responses', '--response-model', 'model.ts#Label'),
      world.run([
        'batch', 'create', '--messages-file', 'inputs.jsonl', '--endpoint', '/v1/embeddings',
        '--model', 'openai/text-embedding-3-small', '--output-file', embeddings,
      ]), // prettier-ignore
      create(unknown, '--endpoint', '/v1/nowhere'),
      create(freshFile(), '--endpoint', '/v1/embeddings', '--max-tokens', '5'),
    ]);

    expect(first.code, first.stderr).to.equal(0);
    const [row] = await lines(responses);
    expect(row?.url).to.equal('/v1/responses');
    expect(row?.body).to.include({ max_output_tokens: 1000, temperature: 0.1 });
    expect(row?.body).to.have.nested.property('text.format.type', 'json_schema');
    expect(row?.body).to.have.property('input').that.is.an('array');
    expect(second.code, second.stderr).to.equal(0);
    expect(await world.rows(embeddings)).to.deep.equal([
      { custom_id: 'e', method: 'POST', url: '/v1/embeddings', body: { model: 'text-embedding-3-small', input: 'embed me' } },
    ]); // prettier-ignore
    expect(third.code).to.be.oneOf([1, 2]);
    expect(third.stderr).to.include('/v1/nowhere');
    expect(await world.files()).to.not.include(unknown);
    expectFailure(fourth, { code: 2, says: /\/v1\/embeddings takes no --max-tokens/, advises: /Leave/ });
  });

  it('compiles response models of every kind, without zod installed beside them', async () => {
    const kinds = ['model.ts#Label', 'model.mjs#Label', 'model.js#Label', 'model.json'];
    const files = kinds.map(() => freshFile());
    const results = await Promise.all(
      kinds.map((kind, at) => create(files[at] ?? '', '--response-model', kind)),
    );

    for (const [at, result] of results.entries()) {
      expect(result.code, `${kinds[at]}: ${result.stderr}`).to.equal(0);
      const [row] = await lines(files[at] ?? '');
      const format = (row?.body['response_format'] ?? {}) as {
        type?: string;
        json_schema?: { name: string; strict: boolean; schema: Record<string, unknown> };
      };
      expect(format.type, kinds[at]).to.equal('json_schema');
      expect(format.json_schema).to.include({ name: 'Label', strict: true });
      expect(format.json_schema?.schema).to.include({ type: 'object', additionalProperties: false });
      const { required, properties } = format.json_schema?.schema ?? {};
      expect(required).to.deep.equal(Object.keys(properties as object));
    }
  });

  it('says what is wrong with a response model', async () => {
    await world.write('broken.ts', 'export const Label = ;');
    await world.write('any.json', '{"type":"object","properties":{"a":{"not":{"type":"string"}}}}');
    const wrong = async (model: string) => await create('never.jsonl', '--response-model', model);
    const [absent, misspelt, several, broken] = await Promise.all([
      wrong('absent.ts'),
      wrong('model.ts#Labell'),
      wrong('model.ts'),
      wrong('broken.ts'),
    ]);
    expectFailure(absent, { code: 2, says: /absent\.ts.* does not exist/, advises: /Give the path/ });
    expectFailure(misspelt, { code: 2, says: /no export "Labell"/, advises: /Did you mean Label/ });
    expectFailure(several, { code: 2, says: /several schemas: Label, Other/, advises: /model\.ts#Label/ });
    expectFailure(broken, { code: 2, says: /broken\.ts/, advises: /Try:/ });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('sends reasoning models what they take, and refuses what they do not', async () => {
    const [defaults, refused, allowed] = [freshFile(), freshFile(), freshFile()];
    const [first, second, third] = await Promise.all([
      create(defaults, '--model', 'openai/o3-mini'),
      create(refused, '--model', 'openai/gpt-5-mini', '--temperature', '0.5'),
      create(allowed, '--model', 'openai/gpt-5-mini', '--temperature', '1', '--max-tokens', '64'),
    ]);

    // The second row of the messages asks for a top_p of its own, which such a model refuses.
    expectFailure(first, { code: 1, says: /has .*problem/, advises: /Mend/ });
    expect(first.stderr).to.match(/messages\.jsonl:2 .*top_p/);
    expectFailure(second, {
      code: 2,
      says: /gpt-5-mini .* does not accept a temperature of 0\.5/,
      advises: /Leave --temperature out/,
    });
    expectFailure(third, { code: 1, says: /has .*problem/ });

    const plain = freshFile();
    const fourth = await world.run([
      'batch', 'create', '--messages-file', 'plain.jsonl', '--model', 'openai/o3-mini', '--output-file', plain,
    ]); // prettier-ignore
    expect(fourth.code, fourth.stderr).to.equal(0);
    expect(fourth.stderr).to.match(/Note: o3-mini .*reasoning.*1000 tokens/);
    const [row] = await lines(plain);
    expect(row?.body).to.include({ max_completion_tokens: 1000 });
    expect(row?.body).to.not.have.any.keys('max_tokens', 'temperature', 'top_p');
  });

  it("writes Anthropic's request lines, without a temperature that nobody asked for", async () => {
    const [plain, warm, shaped, old, strict] = [
      freshFile(),
      freshFile(),
      freshFile(),
      freshFile(),
      freshFile(),
    ];
    const run = async (file: string, model: string, ...flags: string[]) =>
      await world.run([
        'batch', 'create', '--messages-file', 'plain.jsonl', '--output-file', file, '--model', `anthropic/${model}`, ...flags,
      ]); // prettier-ignore
    const [first, second, third, fourth, fifth] = await Promise.all([
      run(plain, 'claude-haiku-4-5'),
      run(warm, 'claude-haiku-4-5', '--temperature', '0.4'),
      run(shaped, 'claude-haiku-4-5', '--response-model', 'model.ts#Label'),
      run(old, 'claude-3-5-sonnet-20241022', '--response-model', 'model.ts#Label'),
      run(strict, 'claude-opus-4-7', '--temperature', '0.4'),
    ]);

    expect(first.code, first.stderr).to.equal(0);
    expect(await world.rows(plain)).to.deep.equal([
      {
        custom_id: 'request-0',
        params: { model: 'claude-haiku-4-5', max_tokens: 1000, system: 'Be brief', messages: ask('first') },
      },
      {
        custom_id: 'request-1',
        params: { model: 'claude-haiku-4-5', max_tokens: 1000, messages: ask('two') },
      },
    ]);
    expect(first.stderr).to.include('--model anthropic/claude-haiku-4-5');
    expect(second.code, second.stderr).to.equal(0);
    expect((await lines(warm))[0]?.params).to.include({ temperature: 0.4 });
    expect(third.code, third.stderr).to.equal(0);
    expect((await lines(shaped))[0]?.params).to.have.nested.property(
      'output_config.format.type',
      'json_schema',
    );
    expect(fourth.code, fourth.stderr).to.equal(0);
    expect((await lines(old))[0]?.params).to.have.nested.property('tool_choice.name', 'Label');
    expectFailure(fifth, {
      code: 2,
      says: /claude-opus-4-7 .*temperature of 0\.4/,
      advises: /Leave --temperature out/,
    });
  });

  it('replaces a file only with --force', async () => {
    const file = freshFile();
    await world.write(file, 'precious');
    const refused = await create(file);
    expectFailure(refused, { code: 2, says: new RegExp(`${file} exists already`), advises: /--force/ });
    expect(await world.read(file)).to.equal('precious');
    const forced = await create(file, '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await world.rows(file)).to.have.length(3);
    expect((await world.files()).filter((name) => name.includes('.tmp'))).to.deep.equal([]);
  });

  it('keeps the permissions of ordinary new files', async () => {
    const file = freshFile();
    await create(file);
    const reference = await world.write(`${file}.reference`, '');
    expect((await stat(`${world.folder}/${file}`)).mode).to.equal((await stat(reference)).mode);
    await chmod(reference, 0o600);
  });

  it('submits at once with --submit, on both providers', async () => {
    await world.write('few.jsonl', jsonLines([ask('a'), ask('b')]));
    const run = async (file: string, ...flags: string[]) =>
      await world.run([
        'batch',
        'create',
        '--messages-file',
        'few.jsonl',
        '--output-file',
        file,
        '--submit',
        ...flags,
      ]);
    const [plain, other, json] = await Promise.all([
      run(freshFile()),
      run(freshFile(), '--model', 'anthropic/claude-haiku-4-5'),
      run(freshFile(), '--json'),
    ]);
    expect(plain.code, plain.stderr).to.equal(0);
    expect(plain.stdout).to.match(/^batch_[0-9a-z]+\n$/i);
    expect(plain.stderr).to.match(/instructor batch wait batch_/);
    expect(other.stdout, other.stderr).to.match(/^msgbatch_\w+\n$/);
    const { batch, requests, model } = parseAs(createSchema, json.stdout);
    expect(batch?.id).to.match(/^batch_/);
    expect([requests, model]).to.deep.equal([2, 'gpt-4o-mini']);
  });

  it('documents what it did with --json', async () => {
    const file = freshFile();
    const result = await create(file, '--json', '--provider', 'anthropic');
    expect(result.code, result.stderr).to.equal(0);
    const { bytes, ...facts } = parseAs(createSchema, result.stdout);
    expect(facts).to.deep.equal({
      file,
      provider: 'anthropic',
      model: 'claude-haiku-4-5',
      skipped: null,
      endpoint: facts.endpoint,
      requests: 3,
      batch: null,
    });
    expect(bytes).to.equal((await stat(`${world.folder}/${file}`)).size);
  });

  it('names every wrong line, and writes nothing', async () => {
    await world.write(
      'wrong.jsonl',
      [
        JSON.stringify(ask('fine')),
        '{"messages": [',
        '42',
        '{"custom_id": "no-messages"}',
        JSON.stringify({ messages: [] }),
        JSON.stringify({ messages: [{ content: 'no role' }] }),
        JSON.stringify({ messages: ask('x'), custom_id: 'twice' }),
        '',
        JSON.stringify({ messages: ask('x'), custom_id: 'twice' }),
        JSON.stringify({ messages: ask('x'), custom_id: 'i'.repeat(65) }),
        JSON.stringify({ messages: ask('x'), stream: true }),
        ...Array.from({ length: 30 }, () => 'nonsense'),
      ].join('\n'),
    );
    const args = ['batch', 'create', '--messages-file', 'wrong.jsonl', '--output-file', 'never.jsonl'];
    const [text, json] = await Promise.all([world.run(args), world.run([...args, '--json'])]);

    expectFailure(text, {
      code: 1,
      says: /wrong\.jsonl has 38 problems; nothing was written/,
      advises: /Mend/,
    });
    const said = (line: number): string =>
      text.stderr.split('\n').find((one) => new RegExp(`wrong\\.jsonl:${line}\\b`).test(one)) ?? '';
    expect(said(2)).to.match(/not valid JSON/);
    expect(said(3)).to.match(/list of messages or an object/);
    expect(said(4)).to.match(/"messages" is missing/);
    expect(said(5)).to.match(/empty/);
    expect(said(6)).to.match(/no "role"/);
    expect(said(9)).to.match(/\(twice\).*line 7/);
    expect(said(10)).to.match(/custom id/);
    expect(said(11)).to.match(/stream/);
    expect(said(1) + said(7) + said(8)).to.equal('');
    expect(said(41)).to.match(/not valid JSON/);
    expect(text.stderr).to.not.include('more');
    expect(await world.files()).to.not.include('never.jsonl');
    expect((await world.files()).filter((name) => name.includes('.tmp'))).to.deep.equal([]);
    expect(json.code).to.equal(1);
    const { error } = parseAs(errorSchema, json.stdout);
    expect(error.problems).to.have.length(38);
    expect(error.problems?.[0]).to.include({ line: 2, code: 'invalid_json' });
    expect(error.exit_code).to.equal(1);
  });

  it('refuses contradictions and impossible values', async () => {
    const results = await Promise.all([
      create('never.jsonl', '--temperature', 'warm'),
      create('never.jsonl', '--max-tokens', '0'),
      create('never.jsonl', '--param', 'nothing'),
      create('never.jsonl', '--provider', 'anthropic', '--model', 'openai/gpt-4o'),
      create('-', '--submit'),
      world.run(['batch', 'create']),
    ]);
    const says = [
      /--temperature "warm"/,
      /max-tokens|integer/,
      /--param "nothing"/,
      /--provider anthropic.*--model openai\/gpt-4o/,
      /--submit/,
      /messages-file/,
    ];
    for (const [at, result] of results.entries()) expectFailure(result, { code: 2, says: says[at] ?? /./ });
    for (const result of results) expectClean(result);
    expect(await world.files()).to.not.include('never.jsonl');
  });
});
