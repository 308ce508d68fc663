import { expect } from 'chai';
import { parseAs, retrySchema } from '../support/json-schemas.js';
import { MODEL, PROVIDERS, startRetryWorld, type Provider } from '../support/retry-world.js';
import type { World } from '../support/world.js';

interface Turn {
  role: string;
  content: string;
}

describe('batch retry', () => {
  let world: World;
  let batches: Record<Provider, string>;
  const retry = async (...args: string[]) => await world.run(['batch', 'retry', ...args]);
  const idsIn = async (name: string): Promise<unknown[]> =>
    (await world.rows(name)).map(({ custom_id }) => custom_id);
  const made = (): number => world.sandbox.stats().batchesCreated;

  before(async () => {
    ({ world, batches } = await startRetryWorld());
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
});
