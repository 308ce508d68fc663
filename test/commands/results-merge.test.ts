import { expect } from 'chai';
import type { RowFate } from '@instructor-cli/sandbox';
import { endedAnthropic, endedOpenAI } from '../support/batches.js';
import { parseAs, resultRowSchema, resultsSchema } from '../support/json-schemas.js';
import { readTable, valuesOf } from '../support/tables.js';
import { anthropicRequests, openaiRequests, startWorld, type World } from '../support/world.js';

/** What became of the rows in the first, second and third batch; the last one asks for row 3 alone. */
const FATES: (RowFate | undefined)[][] = [
  [undefined, 'server_error', undefined, 'server_error', 'missing', 'missing'],
  [undefined, undefined, 'server_error', 'refused', undefined, 'missing'],
  [undefined, undefined, undefined, undefined],
];
/** Of each row: what counts, from which batch, and how many answers there are. */
const EXPECTED = [
  ['row-0', 'succeeded', 1, 2],
  ['row-1', 'succeeded', 1, 2],
  ['row-2', 'succeeded', 0, 2],
  ['row-3', 'succeeded', 2, 3],
  ['row-4', 'succeeded', 1, 1],
  ['row-5', 'missing', undefined, undefined],
];

describe('batch results of several attempts', () => {
  let world: World;
  let round = 0;
  const ids: Record<string, string[]> = { openai: [], anthropic: [] };

  before(async () => {
    world = await startWorld({
      outcome: ({ customId }) => FATES[round]?.[Number(customId.replace('row-', ''))],
    });
    const files = { openai: openaiRequests(6), anthropic: anthropicRequests(6) };
    for (round = 0; round < FATES.length; round += 1) {
      const part = (text: string): string => (round < 2 ? text : `${text.split('\n')[3]}\n`);
      const made = await Promise.all([
        endedOpenAI(world, part(files.openai)),
        endedAnthropic(world, part(files.anthropic)),
      ]);
      ids['openai']?.push(made[0]);
      ids['anthropic']?.push(made[1]);
    }
    await world.write('openai.jsonl', files.openai);
    await world.write('anthropic.jsonl', files.anthropic);
  });
  after(() => world.close());

  const results = async (...args: string[]) => await world.run(['batch', 'results', ...args]);

  for (const provider of ['openai', 'anthropic']) {
    it(`gives the latest good answer of each row, once, in the order of the requests (${provider})`, async () => {
      const batches = ids[provider] ?? [];
      const file = `${provider}.out.jsonl`;
      const result = await results(
        ...batches, '--requests-file', `${provider}.jsonl`, '--output-file', file, '--json',
      ); // prettier-ignore
      expect(result.code, result.stderr).to.equal(0);
      const rows = (await world.rows(file)).map((row) => parseAs(resultRowSchema, JSON.stringify(row)));
      expect(
        rows.map(({ custom_id, outcome, batch_id, attempts }) => [
          custom_id,
          outcome,
          batch_id === undefined ? undefined : batches.indexOf(batch_id),
          attempts,
        ]),
      ).to.deep.equal(EXPECTED);
      expect(
        rows[3]?.other_attempts?.map(({ batch_id, outcome }) => [batch_id, outcome]),
        'all other attempts, the oldest first',
      ).to.deep.equal([
        [batches[0], 'errored'],
        [batches[1], 'refused'],
      ]);
      expect(rows[0]?.other_attempts?.[0], 'with what they said').to.have.property('result');
      const { summary, ids: named } = parseAs(resultsSchema, result.stdout);
      expect(named).to.deep.equal(batches);
      expect(summary).to.deep.include({
        rows: 6,
        outcomes: { succeeded: 5, missing: 1 },
        asked_again: 4,
        duplicates: 0,
        unexpected: 0,
        repeated_requests: 0,
      });
      expect(result.stderr).to.match(/^4 rows had more than one attempt$/m);
      const tokens = rows.map((row) => row.usage?.input_tokens ?? 0).reduce((sum, count) => sum + count);
      expect(summary.usage.input_tokens, 'every attempt was paid for').to.be.greaterThan(tokens);
    });
  }

  it('takes the attempts in the order in which they were made, whatever the order of their ids', async () => {
    const batches = ids['anthropic'] ?? [];
    const result = await results(
      ...[...batches, ...batches].reverse(), '--requests-file', 'anthropic.jsonl', '--output-file', 'back.jsonl',
    ); // prettier-ignore
    expect(result.code, result.stderr).to.equal(0);
    const rows = await world.rows('back.jsonl');
    expect(rows.map(({ custom_id, attempts }) => [custom_id, attempts])).to.deep.equal(
      EXPECTED.map(([id, , , attempts]) => [id, attempts]),
    );
    expect(rows[0]?.['batch_id']).to.equal(batches[1]);
  });

  it('gives no row twice where only the answers are known', async () => {
    const result = await results(...(ids['anthropic'] ?? []), '--output-file', 'answers.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    const rows = await world.rows('answers.jsonl');
    expect(rows.map(({ custom_id }) => String(custom_id)).sort()).to.deep.equal(
      EXPECTED.slice(0, 5).map(([id]) => id),
    );
    expect(result.stderr).to.match(/^Warning: 1 request of the batch has no result/m);
  });

  it('says so if the requests are more than the batches had, as when one of them was forgotten', async () => {
    const [, , last = ''] = ids['openai'] ?? [];
    const result = await results(last, '--requests-file', 'openai.jsonl', '--output-file', 'alone.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(await world.rows('alone.jsonl')).to.have.length(6);
    expect(result.stderr).to.match(
      /^Note: There are 6 requests, but batch_\w+ had 1: the others were not asked there/m,
    );
  });

  it('takes the order from the first batch where the provider keeps its input', async () => {
    const result = await results(...(ids['openai'] ?? []), '--output-file', 'kept.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect((await world.rows('kept.jsonl')).map(({ custom_id }) => custom_id)).to.deep.equal(
      EXPECTED.map(([id]) => id),
    );
    expect(result.stderr).to.not.match(/repeat a custom id/);
  });

  for (const format of ['csv', 'parquet']) {
    it(`shows the number of attempts and the batch that counts in ${format}`, async () => {
      const batches = ids['openai'] ?? [];
      const result = await results(...batches, '--output-file', `merged.${format}`);
      expect(result.code, result.stderr).to.equal(0);
      const { rows } = await readTable(`${world.folder}/merged.${format}`);
      const values = valuesOf(rows) as Record<string, unknown>[];
      expect(
        values.map((row) => [
          row['custom_id'],
          row['outcome'],
          Number(row['attempts']),
          row['batch_id'] || undefined,
        ]),
      ).to.deep.equal(
        EXPECTED.map(([id, outcome, batch, attempts]) => [
          id,
          outcome,
          Number(attempts ?? 0),
          batch === undefined ? undefined : batches[Number(batch)],
        ]),
      );
    });
  }
});
