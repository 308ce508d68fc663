import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs, validateSchema } from '../support/json-schemas.js';
import { runInShell } from '../support/shell.js';
import { anthropicRequests, openaiRequests, startWorld, type World } from '../support/world.js';

/** Nothing is sent, so that no key is needed. */
const NO_KEYS = { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined };

describe('batch validate', () => {
  let world: World;
  const validate = async (...args: string[]) =>
    await world.run(['batch', 'validate', ...args], { env: NO_KEYS as never });

  before(async () => {
    world = await startWorld();
    await world.write('openai.jsonl', openaiRequests(3));
    await world.write('anthropic.jsonl', anthropicRequests(3));
    await world.write(
      'bad.jsonl',
      `${openaiRequests(1)}{oops\n${openaiRequests(1)}${'{"custom_id":"x"}\n'.repeat(30)}`,
    );
  });
  after(async () => {
    expect(world.sandbox.requests).to.deep.equal([]);
    await world.close();
  });

  it('says what is in the file, without a key', async () => {
    const bytes = Buffer.byteLength(openaiRequests(3));
    const [argument, flag, other] = await Promise.all([
      validate('openai.jsonl'),
      validate('--file-path', 'openai.jsonl'),
      validate('anthropic.jsonl'),
    ]);
    expect(argument.code, argument.stderr).to.equal(0);
    expect(argument.stdout).to.equal(
      `openai.jsonl: 3 requests, ${bytes} B, model gpt-4o-mini, endpoint /v1/chat/completions\n`,
    );
    expect(argument.stderr).to.equal('');
    expect(flag).to.deep.equal(argument);
    expect(other.stdout).to.match(/^anthropic\.jsonl: 3 requests, \d+ B, model claude-haiku-4-5\b/);
  });

  it('lists every problem with its line, and no one twice', async () => {
    const result = await validate('bad.jsonl');
    expectFailure(result, { code: 1, says: /bad\.jsonl has \d+ problems; OpenAI would not take it/ });
    const listed = result.stderr.split('\n').filter((line) => line.startsWith('bad.jsonl:'));
    expect(Number(/has (\d+) problems/.exec(result.stderr)?.[1])).to.equal(listed.length);
    expect(listed[0]).to.match(/^bad\.jsonl:2: not valid JSON/);
    expect(listed[1]).to.match(/^bad\.jsonl:3 \(row-0\): the custom id was used in line 1 already/);
    expect(listed.at(-1)).to.match(/^bad\.jsonl:33 /);
    expect(new Set(listed).size).to.equal(listed.length);
  });

  it('gives the first problems as JSON', async () => {
    const result = await validate('bad.jsonl', '--json');
    expect(result.code).to.equal(1);
    const { error } = parseAs(errorSchema, result.stdout);
    expect(error.problems).to.have.length(20);
    expect(error.problems?.[0]).to.include({ line: 2, code: 'invalid_json' });
  });

  it('reads standard input and other pipes', async function () {
    const result = await world.run(['batch', 'validate', '-', '--json'], { input: anthropicRequests(2) });
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(validateSchema, result.stdout)).to.deep.include({
      file: 'standard input',
      provider: 'anthropic',
      requests: 2,
      models: ['claude-haiku-4-5'],
      one_batch: true,
    });
    if (process.platform === 'win32') this.skip();
    const script = `mkfifo pipe; cat openai.jsonl > pipe & "$@"`;
    const piped = await runInShell(script, ['batch', 'validate', 'pipe'], world);
    expect(piped.stdout).to.match(/^pipe: 3 requests/);
  });

  it('warns of more than one batch takes', async () => {
    await world.write('many.jsonl', openaiRequests(50_001));
    const result = await validate('many.jsonl', '--json');
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(validateSchema, result.stdout)).to.include({ requests: 50_001, one_batch: false });
    expect(result.stderr).to.match(/^Warning: 50,001 requests are more than the 50,000 that OpenAI takes/);
  });

  it('checks for the provider and the endpoint that are named', async () => {
    const [provider, model, endpoint, other] = await Promise.all([
      validate('openai.jsonl', '--provider', 'anthropic'),
      validate('openai.jsonl', '--model', 'anthropic/claude-haiku-4-5'),
      validate('openai.jsonl', '--endpoint', '/v1/responses'),
      validate('openai.jsonl', '--model', 'openai/gpt-4.1'),
    ]);
    for (const result of [provider, model]) {
      expectFailure(result, { code: 1, says: /openai\.jsonl has a problem/ });
      expect(result.stderr).to.match(/openai\.jsonl:1: This looks like an OpenAI request file/);
    }
    expectFailure(endpoint, { code: 1, says: /has 3 problems/ });
    expect(other.code).to.equal(0);
    expect(other.stderr).to.match(/^Note: The requests ask gpt-4o-mini, not gpt-4\.1: the file decides/);
  });

  it('says whose file it takes a strange one for', async () => {
    await world.write('strange.jsonl', '{"a":1}\n');
    const result = await validate('strange.jsonl');
    expect(result.code).to.equal(1);
    expect(result.stderr).to.match(/^Note: The first line of strange\.jsonl .* one of OpenAI\. --provider/);
    expect(result.stderr).to.match(/^strange\.jsonl:1: /m);
  });

  it('finds the requests of several models in a file for one', async () => {
    await world.write(
      'mixed.jsonl',
      openaiRequests(1) + openaiRequests(2, { model: 'gpt-4.1' }).split('\n')[1],
    );
    const result = await validate('mixed.jsonl');
    expectFailure(result, { code: 1, says: /mixed\.jsonl has a problem/ });
    expect(result.stderr).to.match(/mixed\.jsonl:2 \(row-1\): model gpt-4\.1 differs from gpt-4o-mini/);
  });

  it('ends with Ctrl-C', async () => {
    await world.write('endless.jsonl', '{oops\n'.repeat(1_000_000));
    const result = await world.run(['batch', 'validate', 'endless.jsonl'], {
      onStart: (child) => child.stderr.once('data', () => child.kill('SIGINT')),
    });
    expectFailure(result, { code: 130, says: /Interrupted/ });
  });

  it('says what is wrong with the command', async () => {
    const [none, missing, both, provider, folder] = await Promise.all([
      validate(),
      validate('none.jsonl'),
      validate('openai.jsonl', '--file-path', 'anthropic.jsonl'),
      validate('openai.jsonl', '--provider', 'nobody'),
      validate('.'),
    ]);
    expectFailure(none, { code: 2, says: /Missing required argument FILE/ });
    expectFailure(missing, { code: 2, says: /Cannot read none\.jsonl: there is no such file/ });
    expectFailure(both, {
      code: 2,
      says: /--file-path anthropic\.jsonl contradicts the argument openai\.jsonl/,
    });
    expectFailure(provider, { code: 2, says: /There is no provider "nobody"/ });
    expectFailure(folder, { code: 2, says: /Cannot read \.: it is a folder/ });
  });
});
