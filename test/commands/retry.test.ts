import { expect } from 'chai';
import type { RowFate } from '@instructor-cli/sandbox';
import { endedOpenAI, seedOpenAI } from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs, retrySchema } from '../support/json-schemas.js';
import { ask, jsonLines, NEVER, openaiRequests, startWorld, type World } from '../support/world.js';

type Provider = 'openai' | 'anthropic';
interface Turn {
  role: string;
  content: string;
}

const MODELS = { openai: 'openai/gpt-4o-mini', anthropic: 'anthropic/claude-haiku-4-5' };
const PROVIDERS: Provider[] = ['openai', 'anthropic'];

/** What becomes of each row, by its id; until the model is told that it was wrong. */
const FATES: Record<string, RowFate> = {
  good: 'succeeded',
  lasting: 'errored',
  passing: 'server_error',
  expired: 'expired',
  refused: 'refused',
  cancelled: 'cancelled',
  truncated: 'truncated',
  missing: 'missing',
  invalid: 'invalid',
};
const MODEL_TS = `import { z } from 'zod';
export const Label = z.object({ label: z.enum(['SPAM', 'HAM']), sure: z.boolean() });
`;
const MODEL = ['--response-model', 'model.ts#Label'];

describe('batch retry', () => {
  let world: World;
  const batches: Record<Provider, string> = { openai: '', anthropic: '' };
  const retry = async (...args: string[]) => await world.run(['batch', 'retry', ...args]);
  const idsIn = async (name: string): Promise<unknown[]> =>
    (await world.rows(name)).map(({ custom_id }) => custom_id);
  const made = (): number => world.sandbox.stats().batchesCreated;

  before(async () => {
    world = await startWorld({
      outcome: ({ customId, turns }) => (turns === 0 ? FATES[customId] : undefined),
    });
    await world.write('model.ts', MODEL_TS);
    const rows = Object.keys(FATES).map((id) => ({ messages: ask(`question ${id}`), custom_id: id }));
    await world.write('messages.jsonl', jsonLines(rows));
    for (const provider of PROVIDERS) {
      const { stdout, stderr, code } = await world.run([
        'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', `${provider}.jsonl`,
        '--model', MODELS[provider], ...MODEL, '--submit',
      ]); // prettier-ignore
      expect(code, stderr).to.equal(0);
      batches[provider] = stdout.trim();
    }
    await world.run(['batch', 'wait', batches.openai, batches.anthropic, '--poll', '0.05']);
  });
  after(() => world.close());

  for (const provider of PROVIDERS) {
    it(`asks again what failed for a passing reason, and lists the rest with why (${provider})`, async () => {
      const before = made();
      const result = await retry(batches[provider], '--requests-file', `${provider}.jsonl`, ...MODEL);

      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.equal(`${provider}.retry-1.jsonl\n`);
      expect(made(), 'nothing is submitted unasked').to.equal(before);
      const again = ['passing', 'expired', 'cancelled', 'missing'];
      const lines = (await world.read(`${provider}.jsonl`)).split('\n');
      expect((await world.read(`${provider}.retry-1.jsonl`)).split('\n')).to.deep.equal([
        ...lines.filter((line) => again.some((id) => line.includes(`"custom_id":"${id}"`))),
        '',
      ]);
      const leftOut = await world.rows(`${provider}.retry-1.left-out.jsonl`);
      expect(leftOut.map(({ custom_id, outcome }) => [custom_id, outcome])).to.deep.equal([
        ['lasting', 'errored'],
        ['refused', 'refused'],
        ['truncated', 'truncated'],
        ['invalid', 'invalid'],
      ]);
      for (const { type, why } of leftOut) {
        expect(type).to.be.a('string').that.is.not.equal('');
        expect(why).to.be.a('string').that.is.not.equal('');
      }
      expect(leftOut[3]?.['why']).to.match(/^(label|sure): .* \(--reask asks again\)$/);
      expect(result.stderr).to.match(/^Asking 4 rows again: .*1 errored/);
      expect(result.stderr).to.match(/^1 row has a good answer$/m);
      expect(result.stderr).to.match(
        new RegExp(`^Left alone: 4 rows, listed in ${provider}\\.retry-1\\.left-out\\.jsonl$`, 'm'),
      );
      expect(result.stderr).to.match(/^ {2}1 × errored \(.*\): .* \[lasting\]$/m);
      expect(result.stderr).to.match(
        new RegExp(
          `^To submit it: .* --file-path ${provider}\\.retry-1\\.jsonl --provider ${provider}$`,
          'm',
        ),
      );
      const check = await world.run(['batch', 'validate', `${provider}.retry-1.jsonl`]);
      expect(check.code, check.stderr).to.equal(0);
    });

    it(`tells the model with --reask what it said and what was wrong with it (${provider})`, async () => {
      const results = ['batch', 'results', batches[provider], '--requests-file', `${provider}.jsonl`];
      const [shown, result] = await Promise.all([
        world.run([...results, ...MODEL, '--output-file', '-']),
        retry(
          batches[provider], '--requests-file', `${provider}.jsonl`, '--reask', ...MODEL,
          '--output-file', `${provider}.reask.jsonl`, '--json',
        ), // prettier-ignore
      ]);
      expect(result.code, result.stderr).to.equal(0);
      expect(parseAs(retrySchema, result.stdout)).to.deep.include({
        provider,
        file: `${provider}.reask.jsonl`,
        requests: 6,
        again: { errored: 1, expired: 1, cancelled: 1, truncated: 1, missing: 1, invalid: 1 },
        reasked: 2,
        done: 1,
        unexpected: 0,
        batch: null,
      });
      const answers = new Map(
        shown.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { custom_id: string; answer?: string; error?: { message: string } })
          .map((row) => [row.custom_id, row]),
      ); // prettier-ignore
      const requests = new Map(
        (await world.rows(`${provider}.reask.jsonl`)).map((line) => [
          line['custom_id'],
          (line['body'] ?? line['params']) as { messages: Turn[]; max_tokens: number },
        ]),
      );
      const invalid = requests.get('invalid');
      expect(invalid?.max_tokens).to.equal(1000);
      expect(invalid?.messages.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'user']);
      expect(invalid?.messages[0]?.content).to.equal('question invalid');
      expect(invalid?.messages[1]?.content).to.equal(answers.get('invalid')?.answer);
      const complaint = invalid?.messages[2]?.content ?? '';
      for (const issue of answers.get('invalid')?.error?.message.split('; ') ?? ['none'])
        expect(complaint.split('\n')).to.include(`- ${issue}`);
      const truncated = requests.get('truncated');
      expect(truncated?.max_tokens, 'twice the room').to.equal(2000);
      expect(truncated?.messages[1]?.content).to.equal(answers.get('truncated')?.answer);
      expect(truncated?.messages[2]?.content).to.match(/cut off .* room for 2000 tokens/);
      expect(requests.get('passing')?.messages).to.have.length(1);
      const check = await world.run(['batch', 'validate', `${provider}.reask.jsonl`]);
      expect(check.code, check.stderr).to.equal(0);
    });
  }

  it('asks the outcomes that are named, lasting failures only with --include-lasting', async () => {
    const base = [batches.openai, '--requests-file', 'openai.jsonl'];
    const [named, lasting] = await Promise.all([
      retry(...base, '--outcomes', 'expired, refused', '--output-file', 'named.jsonl'),
      retry(...base, '--outcomes', 'errored', '--include-lasting', '--output-file', 'lasting.jsonl'),
    ]);
    expect(named.code, named.stderr).to.equal(0);
    expect(await idsIn('named.jsonl')).to.deep.equal(['expired', 'refused']);
    expect(await idsIn('named.left-out.jsonl')).to.include.members(['lasting', 'passing', 'missing']);
    expect(lasting.code, lasting.stderr).to.equal(0);
    expect(await idsIn('lasting.jsonl')).to.deep.equal(['lasting', 'passing']);
  });

  it('does not call an answer good that nothing was checked against', async () => {
    const result = await retry(batches.openai, '--requests-file', 'openai.jsonl', '--output-file', '-');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout.trim().split('\n')).to.have.length(4);
    expect(result.stderr).to.match(/^2 rows have an answer$/m);
    expect(result.stderr).to.match(/^Note: .*not checked: --response-model/m);
    expect(await world.files(), 'nothing beside standard output').to.not.include('-.left-out.jsonl');
  });

  it('gives the complained-about rows the limit of --max-tokens', async () => {
    const result = await retry(
      batches.anthropic, '--requests-file', 'anthropic.jsonl', '--reask', ...MODEL, '--outcomes', 'invalid',
      '--max-tokens', '1234', '--output-file', 'limit.jsonl',
    ); // prettier-ignore
    expect(result.code, result.stderr).to.equal(0);
    const rows = await world.rows('limit.jsonl');
    expect(rows.map(({ params }) => (params as { max_tokens: number }).max_tokens)).to.deep.equal([
      1234, 1234,
    ]);
  });

  it('submits one batch, which leaves the attempts before it readable, and says how to go on', async () => {
    const before = made();
    const result = await retry(
      batches.openai, '--requests-file', 'openai.jsonl', '--reask', ...MODEL, '--submit',
      '--output-file', 'second.jsonl', '--json',
    ); // prettier-ignore
    expect(result.code, result.stderr).to.equal(0);
    expect(made()).to.equal(before + 1);
    const { batch } = parseAs(retrySchema, result.stdout);
    const second = batch?.id ?? '';
    expect(batch?.requests.total === null || batch?.requests.total === 6).to.equal(true);
    expect(result.stderr).to.include(
      `batch results ${batches.openai} ${second} --requests-file openai.jsonl --response-model model.ts#Label`,
    );
    await world.run(['batch', 'wait', second, '--poll', '0.05']);

    const both = [batches.openai, second, '--requests-file', 'openai.jsonl', ...MODEL];
    const once = await retry(...both, '--max-attempts', '2', '--output-file', 'third.jsonl');
    expect(once.code, once.stderr).to.equal(0);
    expect(once.stderr).to.match(/^No row is worth another try$/m);
    expect(once.stdout).to.equal('');
    expect(await world.files()).to.not.include('third.jsonl');
    const leftOut = new Map((await world.rows('third.left-out.jsonl')).map((row) => [row['custom_id'], row]));
    for (const id of ['passing', 'expired', 'cancelled', 'missing'])
      expect(leftOut.get(id)?.['why'], id).to.match(/^asked 2 times already: /);
    expect([...leftOut.keys()]).to.not.include.members(['invalid', 'truncated']);

    const more = await retry(...both, '--output-file', 'fourth.jsonl');
    expect(more.code, more.stderr).to.equal(0);
    expect(await idsIn('fourth.jsonl')).to.deep.equal(['passing', 'expired', 'cancelled', 'missing']);

    const merged = await world.run(['batch', 'results', ...both, '--output-file', '-']);
    const rows = merged.stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    const healed = rows.find(({ custom_id }) => custom_id === 'invalid');
    expect(healed).to.deep.include({ outcome: 'succeeded', attempts: 2, batch_id: second });
    const [first] = healed?.['other_attempts'] as Record<string, unknown>[];
    expect(first).to.include({ batch_id: batches.openai, outcome: 'invalid' });
    expect(first?.['answer'], 'what the model said first').to.be.a('string');
  });

  it('leaves out the lines for which the whole batch was refused', async () => {
    const requests = openaiRequests(2) + openaiRequests(3).split('\n')[2]?.replace('gpt-4o-mini', 'gpt-4.1') + '\n'; // prettier-ignore
    const id = await endedOpenAI(world, requests);
    await world.write('mixed.jsonl', requests);
    const result = await retry(id, '--requests-file', 'mixed.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.match(/^Warning: OpenAI: line 3: /m);
    expect(await idsIn('mixed.retry-1.jsonl')).to.deep.equal(['row-0', 'row-1']);
    const [refused] = await world.rows('mixed.retry-1.left-out.jsonl');
    expect(refused).to.deep.include({ custom_id: 'row-2', outcome: 'missing', type: 'refused_line' });
    expect(refused?.['why']).to.be.a('string').that.is.not.equal('');
  });

  it('says where the new requests are if they cannot be submitted', async () => {
    const requests = openaiRequests(1) + openaiRequests(2, { model: 'gpt-4.1' }).split('\n')[1];
    const failed = await endedOpenAI(world, requests);
    await world.write('refused.jsonl', requests);
    const before = made();
    const result = await retry(failed, '--requests-file', 'refused.jsonl', '--include-lasting', '--submit');
    expectFailure(result, { code: 1, says: /refused\.retry-1\.jsonl has a problem; nothing was sent/ });
    expect(result.stderr).to.match(/^The new requests are in refused\.retry-1\.jsonl$/m);
    expect(result.stderr).to.match(/^To submit it: .* --file-path refused\.retry-1\.jsonl/m);
    expect(await idsIn('refused.retry-1.jsonl')).to.deep.equal(['row-0', 'row-1']);
    expect(made()).to.equal(before);
  });

  it('writes no file if there is nothing to ask again, and submits nothing', async () => {
    const id = await endedOpenAI(world, openaiRequests(2));
    await world.write('fine.jsonl', openaiRequests(2));
    const before = made();
    const result = await retry(id, '--requests-file', 'fine.jsonl', '--submit', '--json');
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(retrySchema, result.stdout)).to.deep.include({ file: null, requests: 0, done: 2, batch: null }); // prettier-ignore
    expect(result.stderr).to.match(/^Every row has an answer$/m);
    expect(made()).to.equal(before);
    expect((await world.files()).filter((name) => name.startsWith('fine'))).to.deep.equal(['fine.jsonl']);
  });

  it('replaces no file without --force, and asks nothing before that is clear', async () => {
    await world.write('taken.jsonl', 'precious');
    await world.write('list.left-out.jsonl', 'precious');
    world.sandbox.resetRequests();
    const base = [batches.openai, '--requests-file', 'openai.jsonl'];
    const [taken, beside, same] = await Promise.all([
      retry(...base, '--output-file', 'taken.jsonl'),
      retry(...base, '--output-file', 'list.jsonl'),
      retry(...base, '--output-file', 'openai.jsonl', '--force'),
    ]);
    expectFailure(taken, { code: 2, says: /taken\.jsonl exists already/, advises: /--force/ });
    expectFailure(beside, { code: 2, says: /list\.left-out\.jsonl exists already/ });
    expectFailure(same, { code: 2, says: /openai\.jsonl is also what is read/ });
    expect(world.sandbox.requests).to.deep.equal([]);
    const forced = await retry(...base, '--output-file', 'taken.jsonl', '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await idsIn('taken.jsonl')).to.have.length(4);
    expect(await world.files()).to.not.include('list.jsonl');
  });

  it('does not ask everything again because of a request file of another batch', async () => {
    const part = (await world.read('openai.jsonl')).split('\n').slice(0, 2).join('\n');
    await world.write('part.jsonl', part);
    await world.write('other.jsonl', openaiRequests(3));
    await world.write('broken.jsonl', '{"custom_id":"x"}\nnot JSON\n');
    await world.write('empty.jsonl', '');
    const second = await endedOpenAI(world, `${part}\n`);
    const [other, forgotten, broken, empty, subset] = await Promise.all([
      retry(batches.openai, '--requests-file', 'other.jsonl', '--submit'),
      retry(second, '--requests-file', 'openai.jsonl', '--output-file', 'all.jsonl', '--submit', '--json'),
      retry(batches.openai, '--requests-file', 'broken.jsonl'),
      retry(batches.openai, '--requests-file', 'empty.jsonl'),
      retry(batches.openai, '--requests-file', 'part.jsonl'),
    ]);
    expectFailure(other, {
      code: 1,
      says: /No answer of batch_\w+ belongs to a request of other\.jsonl/,
      advises: /submitted first/,
    });
    expect(forgotten.code).to.equal(1);
    expect(parseAs(errorSchema, forgotten.stdout).error.message).to.match(
      /openai\.jsonl holds 9 requests, but batch_\w+ had 2/,
    );
    expectFailure(broken, { code: 1, says: /broken\.jsonl:2: this is not a request/ });
    expectFailure(empty, { code: 1, says: /empty\.jsonl holds no request/ });
    expect(subset.stderr).to.match(/^Warning: 6 answers of no request in part\.jsonl/m);
    const files = await world.files();
    for (const name of ['other', 'broken', 'empty'])
      expect(files, name).to.not.include(`${name}.retry-1.jsonl`);
  });

  it('takes the first requests from standard input if the new ones have a name', async () => {
    const input = await world.read('openai.jsonl');
    const args = ['batch', 'retry', batches.openai, '--requests-file', '-'];
    const [nameless, named] = await Promise.all([
      world.run(args, { input }),
      world.run([...args, '--output-file', 'piped.jsonl'], { input }),
    ]);
    expectFailure(nameless, { code: 2, says: /standard input/, advises: /--output-file/ });
    expect(named.code, named.stderr).to.equal(0);
    expect(await idsIn('piped.jsonl')).to.have.length(4);
  });

  it('says what is wrong with flags, keys and batches', async () => {
    const base = [batches.openai, '--requests-file', 'openai.jsonl', '--output-file', 'never.jsonl'];
    const [reask, outcome, unchecked, keyless, wrongKey, gone, output, mixed] = await Promise.all([
      retry(...base, '--reask'),
      retry(...base, '--outcomes', 'errored,tired'),
      retry(...base, '--outcomes', 'invalid'),
      world.run(['batch', 'retry', ...base], { env: { OPENAI_API_KEY: '' } }),
      world.run(['batch', 'retry', ...base], { env: { OPENAI_API_KEY: 'sk-wrong' } }),
      retry('batch_gone', '--requests-file', 'openai.jsonl', '--output-file', 'gone.jsonl'),
      retry(batches.openai, '--requests-file', 'openai.jsonl', '--output-file', '-', '--submit'),
      retry(batches.openai, batches.anthropic, '--requests-file', 'openai.jsonl'),
    ]);
    expectFailure(reask, { code: 2, says: /--response-model/ });
    expectFailure(outcome, { code: 2, says: /"tired" is no outcome/, advises: /errored/ });
    expectFailure(unchecked, { code: 2, says: /--outcomes invalid/, advises: /--response-model/ });
    expectFailure(keyless, { code: 4, says: /OPENAI_API_KEY/ });
    expect(wrongKey.code).to.equal(4);
    expect(wrongKey.stderr).to.not.include('sk-wrong');
    expectFailure(gone, { code: 1, says: /No batch found/ });
    expectFailure(output, { code: 2, says: /standard output/ });
    expect(mixed.code).to.equal(2);
    expect(await world.files()).to.not.include.members(['never.jsonl']);
    expect((await world.files()).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
  });

  it('ends with exit code 5 while the batch runs', async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      await running.write('r.jsonl', openaiRequests(1));
      const [id = ''] = await seedOpenAI(running, openaiRequests(1));
      const result = await running.run(['batch', 'retry', id, '--requests-file', 'r.jsonl']);
      expectFailure(result, { code: 5, says: /is still/, advises: /batch wait/ });
      expect(await running.files()).to.deep.equal(['r.jsonl']);
    } finally {
      await running.close();
    }
  });
});
