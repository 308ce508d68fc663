import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import { convertSchema, errorSchema, parseAs } from '../support/json-schemas.js';
import { anthropicRequests, ask, linesOf, openaiRequests, startWorld, type World } from '../support/world.js';

const CLAUDE = ['--to', 'anthropic/claude-haiku-4-5'];

const SCHEMA = {
  type: 'object',
  properties: { label: { type: 'string', enum: ['spam', 'ham'] } },
  required: ['label'],
  additionalProperties: false,
};

describe('batch convert', () => {
  let world: World;
  const convert = async (...args: string[]) => await world.run(['batch', 'convert', ...args]);

  before(async () => {
    world = await startWorld();
    await world.write('openai.jsonl', openaiRequests(3, {
      max_tokens: 50,
      temperature: 0.3,
      seed: 7,
      messages: [{ role: 'system', content: 'Classify.' }, ...ask('Buy now!')],
      response_format: { type: 'json_schema', json_schema: { name: 'label', strict: true, schema: SCHEMA } },
    })); // prettier-ignore
    await world.write('anthropic.jsonl', anthropicRequests(3));
  });
  after(async () => {
    expect(world.sandbox.requests).to.deep.equal([]);
    await world.close();
  });

  it('writes the same requests for another provider, and says what was lost', async () => {
    const result = await convert('openai.jsonl', ...CLAUDE, '--output-file', 'claude.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.equal('claude.jsonl\n');
    expect(result.stderr.split('\n')).to.deep.equal([
      'Warning: seed has no counterpart at Anthropic (claude-haiku-4-5): left out of 3 requests',
      'Wrote 3 requests for Anthropic (claude-haiku-4-5), 1.1 kB',
      'To submit it: instructor batch create-from-file --file-path claude.jsonl --model anthropic/claude-haiku-4-5',
      '',
    ]);
    const rows = await world.rows('claude.jsonl');
    expect(rows.map(({ custom_id }) => custom_id)).to.deep.equal(['row-0', 'row-1', 'row-2']);
    expect(rows[0]?.['params']).to.deep.equal({
      model: 'claude-haiku-4-5',
      max_tokens: 50,
      temperature: 0.3,
      system: 'Classify.',
      messages: ask('Buy now!'),
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    });
    const check = await world.run(['batch', 'validate', 'claude.jsonl']);
    expect(check.code, check.stderr).to.equal(0);
  });

  it('goes the other way, and gives JSON', async () => {
    const result = await convert(
      '--file-path', 'anthropic.jsonl', '--to', 'openai/gpt-5-mini', '--output-file', 'gpt.jsonl', '--json',
    ); // prettier-ignore
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(convertSchema, result.stdout)).to.deep.include({
      file: 'gpt.jsonl',
      from: 'anthropic',
      provider: 'openai',
      model: 'gpt-5-mini',
      endpoint: '/v1/chat/completions',
      requests: 3,
      one_batch: true,
      from_models: ['claude-haiku-4-5'],
      left_out: [],
    });
    expect((await world.rows('gpt.jsonl'))[1]).to.deep.include({
      custom_id: 'row-1',
      url: '/v1/chat/completions',
      body: { model: 'gpt-5-mini', max_completion_tokens: 100, messages: ask('question 1') },
    });
  });

  it('leaves out what the new model refuses, and says what limit it set', async () => {
    const input = openaiRequests(2, { temperature: 0.3 });
    const result = await world.run(
      ['batch', 'convert', '-', '--to', 'openai/o3', '--output-file', 'o3.jsonl'],
      { input },
    );
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.match(
      /^Warning: temperature has no counterpart at OpenAI \(o3\): left out of 2 requests/,
    );
    expect(await world.read('o3.jsonl')).not.to.include('temperature');
    const claude = await world.run(['batch', 'convert', '-', ...CLAUDE, '--output-file', 'limit.jsonl'], {
      input,
    });
    expect(claude.stderr).to.match(
      /^Note: Anthropic wants a limit on each answer, .* 1000 tokens \(2 requests\)/m,
    );
  });

  it('brings the requests of several models to one, on standard output if wanted', async () => {
    const input = openaiRequests(1) + (openaiRequests(2, { model: 'gpt-4.1' }).split('\n')[1] ?? '');
    const result = await world.run(['batch', 'convert', '-', ...CLAUDE, '--output-file', '-'], { input });
    expect(result.code, result.stderr).to.equal(0);
    expect(linesOf(result.stdout).map(({ params }) => (params as { model: string }).model)).to.deep.equal([
      'claude-haiku-4-5',
      'claude-haiku-4-5',
    ]);
    expect(result.stderr).to.match(/^Note: The requests asked 2 models, and now ask claude-haiku-4-5 alone/m);
  });

  it('writes nothing if a line cannot be converted, and names every such line', async () => {
    await world.write('ids.jsonl', openaiRequests(3).replaceAll('row-1', 'row 1'));
    await world.write(
      'embeddings.jsonl',
      '{"custom_id":"e","method":"POST","url":"/v1/embeddings","body":{"model":"text-embedding-3-small","input":"x"}}\n{oops\n',
    );
    const [ids, embeddings, json] = await Promise.all([
      convert('ids.jsonl', ...CLAUDE, '--output-file', 'never.jsonl'),
      convert('embeddings.jsonl', ...CLAUDE, '--output-file', 'never.jsonl'),
      convert('embeddings.jsonl', ...CLAUDE, '--output-file', 'never.jsonl', '--json'),
    ]);
    expectFailure(ids, { code: 1, says: /ids\.jsonl has a problem; nothing was written/ });
    expect(ids.stderr).to.match(/^ids\.jsonl:2 \(row 1\): Anthropic accepts custom ids that match/m);
    expectFailure(embeddings, { code: 1, says: /embeddings\.jsonl has 2 problems; nothing was written/ });
    expect(embeddings.stderr).to.match(
      /^embeddings\.jsonl:1 \(e\): \/v1\/embeddings has no counterpart at Anthropic/m,
    );
    expect(embeddings.stderr).to.match(/^embeddings\.jsonl:2: not valid JSON/m);
    expect(parseAs(errorSchema, json.stdout).error.problems).to.have.length(2);
    expect((await world.files()).filter((name) => name.includes('never'))).to.deep.equal([]);
  });

  it('replaces a file only with --force, and never the one that it reads', async () => {
    await world.write('there.jsonl', 'precious');
    const to = ['openai.jsonl', ...CLAUDE, '--output-file'];
    const [refused, self] = await Promise.all([
      convert(...to, 'there.jsonl'),
      convert(...to, 'openai.jsonl', '--force'),
    ]);
    expectFailure(refused, { code: 2, says: /there\.jsonl exists already/, advises: /--force/ });
    expectFailure(self, { code: 2, says: /openai\.jsonl is also what is read/ });
    expect(await world.read('there.jsonl')).to.equal('precious');
    const forced = await convert(...to, 'there.jsonl', '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await world.rows('there.jsonl')).to.have.length(3);
  });

  it('says what is wrong with the command', async () => {
    const out = ['--output-file', 'never.jsonl'];
    const results = await Promise.all([
      convert('openai.jsonl', '--to', 'nobody/x', ...out),
      convert('openai.jsonl', '--to', 'anthropic', ...out),
      convert('openai.jsonl', ...CLAUDE),
      convert(...CLAUDE, ...out),
      convert('none.jsonl', ...CLAUDE, ...out),
      convert('openai.jsonl', ...CLAUDE, '--output-file', '-', '--json'),
    ]);
    const says = [
      /There is no provider "nobody"/,
      /--to anthropic names no model/,
      /output-file/,
      /Missing required argument FILE/,
      /Cannot read none\.jsonl/,
      /cannot go with --json/,
    ];
    for (const [index, result] of results.entries()) {
      expectFailure(result, { code: 2, says: says[index] ?? /-/, stdout: /^(\{[\s\S]*)?$/ });
    }
    expect(await world.files()).not.to.include('never.jsonl');
  });
});
