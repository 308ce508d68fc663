import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs, statsSchema } from '../support/json-schemas.js';
import { anthropicRequests, ask, openaiRequests, startWorld, type World } from '../support/world.js';

describe('batch stats', () => {
  let world: World;
  const stats = async (...args: string[]) => await world.run(['batch', 'stats', ...args]);

  before(async () => {
    world = await startWorld();
    await world.write('openai.jsonl', openaiRequests(3, { max_tokens: 50 }));
    await world.write('anthropic.jsonl', anthropicRequests(3));
  });
  after(async () => {
    expect(world.sandbox.requests).to.deep.equal([]);
    await world.close();
  });

  it('counts requests and tokens, and names the tokenizer', async () => {
    const result = await stats('openai.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.equal('');
    expect(result.stdout.split('\n').map((line) => line.replace(/ {2,}/, ' | '))).to.deep.equal([
      'File | openai.jsonl',
      'Provider | OpenAI',
      'Requests | 3',
      `Size | ${Buffer.byteLength(openaiRequests(3, { max_tokens: 50 }))} B`,
      'Model | gpt-4o-mini',
      'Endpoint | /v1/chat/completions',
      // "question", " ", "0", the role, and what is around messages.
      'Tokens in | 30 (o200k_base)',
      'Tokens a request | mean 10, median 10, 95 % up to 10, most 10',
      'Tokens out | at most 150',
      'Batches needed | 1 (a batch holds 50,000 requests, 209.7 MB, one model)',
      'Longest requests | line 1 (row-0): 10 tokens',
      ' | line 2 (row-1): 10 tokens',
      ' | line 3 (row-2): 10 tokens',
      '',
    ]);
  });

  it('says how wrong the number may be where the tokenizer is not public', async () => {
    const result = await stats('anthropic.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.match(
      /^Tokens in +about \d+ \(o200k_base, ±15 %: the tokenizer of claude-haiku-4-5 is not public\)$/m,
    );
    expect(result.stdout).to.match(/^Tokens out +at most 300$/m);
  });

  it('gives the same as JSON, of standard input too', async () => {
    const input = openaiRequests(2) + openaiRequests(4, { model: 'gpt-4', max_tokens: 9, messages: [
      { role: 'user', content: [{ type: 'text', text: '<|endoftext|>' }, { type: 'image_url', image_url: { url: 'https://x.example/y.png' } }] },
    ] }).split('\n').slice(2).join('\n'); // prettier-ignore
    const result = await world.run(['batch', 'stats', '-', '--json', '--max-tokens-per-batch', '20'], {
      input,
    });
    expect(result.code, result.stderr).to.equal(0);
    const read = parseAs(statsSchema, result.stdout);
    expect(read).to.deep.include({
      file: 'standard input',
      provider: 'openai',
      requests: 4,
      bytes: Buffer.byteLength(input),
      models: [
        { model: 'gpt-4o-mini', requests: 2 },
        { model: 'gpt-4', requests: 2 },
      ],
      images: 2,
      max_output_tokens: { total: 18, requests_without_limit: 2 },
      batches: 2,
      batches_by_tokens: { batches: 3, max_tokens: 20, requests_too_large: 0 },
      problems: 2,
    });
    expect(read.input_tokens).to.deep.include({
      requests: 4,
      encodings: ['o200k_base', 'cl100k_base'],
      error_percent: null,
      estimated_models: [],
      uncounted_models: [],
    });
    expect(result.stderr).to.match(
      /^Warning: The file has 2 problems and cannot be sent as it is: instructor batch validate/,
    );
  });

  it('does not take long for a megabyte without blanks', async () => {
    await world.write('long.jsonl', openaiRequests(1, { messages: ask('x'.repeat(1_000_000)) }));
    const result = await world.run(['batch', 'stats', 'long.jsonl', '--json'], { timeoutMs: 20_000 });
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(statsSchema, result.stdout).input_tokens.total).to.be.within(60_000, 500_000);
  });

  it('counts nothing of a file that cannot be read', async () => {
    await world.write('bad.jsonl', `${openaiRequests(2)}{oops\n`);
    await world.write('empty.jsonl', '\n');
    const [bad, json, empty, none, provider, foreign, tokens] = await Promise.all([
      stats('bad.jsonl'),
      stats('bad.jsonl', '--json'),
      stats('empty.jsonl'),
      stats('none.jsonl'),
      stats('openai.jsonl', '--provider', 'nobody'),
      stats('openai.jsonl', '--provider', 'anthropic'),
      stats('openai.jsonl', '--max-tokens-per-batch', '0'),
    ]);
    expectFailure(bad, { code: 1, says: /bad\.jsonl has a problem; nothing was counted/ });
    expect(bad.stderr).to.match(/bad\.jsonl:3: not valid JSON/);
    expect(parseAs(errorSchema, json.stdout).error.problems?.[0]).to.include({ line: 3 });
    expectFailure(empty, { code: 1, says: /empty\.jsonl has a problem/ });
    expectFailure(none, { code: 2, says: /Cannot read none\.jsonl/ });
    expectFailure(provider, { code: 2, says: /There is no provider "nobody"/ });
    expectFailure(foreign, { code: 1, says: /openai\.jsonl has a problem/ });
    expectFailure(tokens, { code: 2, says: /--max-tokens-per-batch/ });
  });
});
