import { expect } from 'chai';
import type { RowFate } from '@instructor-cli/sandbox';
import { endedAnthropic, endedOpenAI } from '../support/batches.js';
import { parseAs, resultsSchema } from '../support/json-schemas.js';
import { ask, jsonLines, openaiRequests, startWorld, type World } from '../support/world.js';

const FATES: (RowFate | undefined)[] = [
  undefined, 'errored', 'errored', 'server_error', 'refused', 'refused', 'refused', 'truncated', 'expired', 'cancelled',
]; // prettier-ignore

/** A schema that only models which are made to call a tool can be given. */
const RECORD = { title: 'Scores', type: 'object', additionalProperties: { type: 'number' } };
const MODEL_TS = `import { z } from 'zod';
export const Answer = z
  .object({ word: z.string().transform((text) => text.length), note: z.string().nullable().optional() })
  .refine(({ word }) => word < 0, { message: 'no word is that short', path: ['word'] });
`;

describe('batch results --summary', () => {
  let world: World;
  const summary = async (id: string, ...flags: string[]) =>
    await world.run(['batch', 'results', id, '--summary', ...flags]);

  before(async () => {
    world = await startWorld({
      outcome: ({ customId, provider }) =>
        provider === 'openai' ? FATES[Number(customId.replace('row-', ''))] : undefined,
    });
    await world.write('record.json', JSON.stringify(RECORD));
    await world.write('model.ts', MODEL_TS);
  });
  after(() => world.close());

  it('counts outcomes, the five most frequent reasons with an example each, tokens and cost', async () => {
    const id = await endedOpenAI(world, openaiRequests(10));
    const [text, json] = await Promise.all([summary(id), summary(id, '--json')]);
    expect(text.code, text.stderr).to.equal(0);
    expect(text.stderr).to.equal('');
    const lines = text.stdout.trimEnd().split('\n');
    expect(lines[0]).to.equal(
      '10 rows: 1 succeeded, 3 refused, 1 truncated, 3 errored, 1 cancelled, 1 expired',
    );
    expect(lines[1]).to.match(/^ {2}3 × refused \(refusal\): .* \[row-\d\]$/);
    expect(lines[2]).to.match(/^ {2}2 × errored \(invalid_request_error\): .* \[row-[12]\]$/);
    for (const line of lines.slice(3, 6)) expect(line).to.match(/^ {2}1 × \w+ \(\w+\): .* \[row-\d\]$/);
    expect(lines[6]).to.equal('  … and 1 other reason');
    expect(lines[7]).to.match(/^Tokens: \d+ in, \d+ out/);
    expect(lines[8]).to.match(/^Cost: \$[\d.]+ at batch prices of \d{4}-\d\d-\d\d$/);
    const document = parseAs(resultsSchema, json.stdout);
    expect(document.file).to.equal(null);
    expect(document.summary.reasons).to.have.length(6);
    expect(document.summary.cost.usd).to.equal(document.summary.cost.known_usd).and.be.greaterThan(0);
  });

  it('says that the cost is unknown where there is no price, and of how many answers', async () => {
    const unknown = await endedOpenAI(world, openaiRequests(1, { model: 'nobody-knows' }));
    const mixed = await endedAnthropic(
      world,
      jsonLines(
        ['claude-haiku-4-5', 'claude-next'].map((model) => ({
          custom_id: model,
          params: { model, max_tokens: 10, messages: ask('x') },
        })),
      ),
    );
    const [none, some, json] = await Promise.all([
      summary(unknown),
      summary(mixed),
      summary(mixed, '--json'),
    ]);
    expect(none.stdout).to.match(/^Cost: unknown, there is no price for nobody-knows/m);
    expect(some.stdout).to.match(/^Cost: \$[\d.]+ at .*, and 1 answer of unknown price \(claude-next\)$/m);
    const { cost } = parseAs(resultsSchema, json.stdout).summary;
    expect(cost).to.deep.include({ usd: null, unpriced: { 'claude-next': 1 } });
    expect(cost.known_usd).to.be.greaterThan(0);
  });

  it('reads answers by the schema as the model that gave them was given it', async () => {
    await world.write('messages.jsonl', jsonLines([{ messages: ask('score') }]));
    const created = await world.run([
      'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', 'scores.jsonl', '--submit',
      '--model', 'anthropic/claude-3-haiku-20240307', '--response-model', 'record.json',
    ]); // prettier-ignore
    expect(created.code, created.stderr).to.equal(0);
    const id = created.stdout.trim();
    await world.run(['batch', 'wait', id, '--poll', '0.05']);
    const result = await summary(id, '--response-model', 'record.json', '--strict');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.match(/^1 row: 1 succeeded$/m);
  });

  it('judges answers by the schema as it was written, refinements and transforms included', async () => {
    const created = await world.run([
      'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', 'words.jsonl', '--submit',
      '--model', 'anthropic/claude-haiku-4-5', '--response-model', 'model.ts#Answer',
    ]); // prettier-ignore
    expect(created.code, created.stderr).to.equal(0);
    const id = created.stdout.trim();
    await world.run(['batch', 'wait', id, '--poll', '0.05']);
    const result = await summary(id, '--response-model', 'model.ts#Answer');
    expect(result.stdout).to.match(/^1 row: 1 invalid\n {2}1 × invalid \(schema_mismatch\): word: no word is that short/); // prettier-ignore
    const plain = await summary(id);
    expect(plain.stdout).to.match(/^1 row: 1 succeeded$/m);
  });
});
