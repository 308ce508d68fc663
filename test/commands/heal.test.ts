import { expect } from 'chai';
import { parseAs, createFromFileSchema, resultRowSchema, resultsSchema } from '../support/json-schemas.js';
import { ask, jsonLines, startWorld, type World } from '../support/world.js';

const ROWS = 40;
/** One in ten is wrong at first, half of those still after one complaint, none after two. */
const WRONG = new Map([3, 13, 23, 33].map((index) => [`ticket ${index}`, index < 20 ? 2 : 1]));
/** What the schema of the request does not say has to hold too: the transform runs on the answer. */
const MODEL_TS = `import { z } from 'zod';
export const Label = z.object({
  label: z.enum(['SPAM', 'HAM']),
  why: z.string().refine((text) => text !== '').transform((text) => text.length),
});
`;

describe('a batch of which one answer in ten is wrong', () => {
  let world: World;

  before(async () => {
    world = await startWorld({
      retryAfterSeconds: 1,
      outcome: ({ customId, turns }) => {
        // Anthropic takes no blanks in ids, so that they come in a form of their own.
        const id = customId.replace(/^_x_/, '').replace('_20', ' ');
        return turns < (WRONG.get(id) ?? 0) ? 'invalid' : undefined;
      },
    });
    await world.write('model.ts', MODEL_TS);
    const messages = Array.from({ length: ROWS }, (_, index) => ({
      messages: ask(`classify ${index}`),
      custom_id: `ticket ${index}`,
    }));
    await world.write('messages.jsonl', jsonLines(messages));
  });
  after(() => world.close());

  for (const [provider, model] of [
    ['openai', 'openai/gpt-4o-mini'],
    ['anthropic', 'anthropic/claude-haiku-4-5'],
  ] as const) {
    it(`is healed in two re-asks, every attempt readable (${provider})`, async () => {
      const file = `${provider}.jsonl`;
      const shape = ['--response-model', 'model.ts#Label'];
      const succeeds = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await world.run(['batch', ...args]);
        expect(code, stderr).to.equal(0);
        return stdout.trim();
      };
      const rows = ['--input', 'messages.jsonl', '--messages-column', 'messages', '--id-column', 'custom_id'];
      await succeeds('create', ...rows, '--model', model, ...shape, '--output-file', file);
      const created = await succeeds('create-from-file', '--file-path', file, '--model', model, '--json');
      const ids = [parseAs(createFromFileSchema, created).batch.id];
      for (const round of [1, 2]) {
        await succeeds('wait', ids.at(-1) ?? '', '--poll', '0.05');
        ids.push(await succeeds('retry', ...ids, '--requests-file', file, '--reask', ...shape, '--submit'));
        expect(await world.rows(`${provider}.retry-${round}.jsonl`)).to.have.length(round === 1 ? 4 : 2);
      }
      await succeeds('wait', ids.at(-1) ?? '', '--poll', '0.05');

      const all = [...ids, '--requests-file', file, ...shape];
      const [summary, last] = await Promise.all([
        succeeds('results', ...all, '--summary', '--strict'),
        world.run([
          'batch',
          'results',
          ids[0] ?? '',
          '--requests-file',
          file,
          ...shape,
          '--summary',
          '--json',
        ]),
        succeeds('results', ...all, '--output-file', `${provider}.out.jsonl`),
      ]);
      expect(summary).to.match(/^40 rows: 40 succeeded\n4 rows had more than one attempt\nTokens: .* in, .* out\nCost: \$/); // prettier-ignore
      expect(parseAs(resultsSchema, last.stdout).summary.outcomes).to.deep.equal({
        succeeded: 36,
        invalid: 4,
      });

      const results = (await world.rows(`${provider}.out.jsonl`)).map((row) =>
        parseAs(resultRowSchema, JSON.stringify(row)),
      );
      expect(results.map(({ custom_id }) => custom_id)).to.deep.equal(
        Array.from({ length: ROWS }, (_, index) => `ticket ${index}`),
      );
      for (const row of results) {
        const wrong = WRONG.get(row.custom_id) ?? 0;
        expect(row).to.include({ success: true, attempts: wrong + 1, batch_id: ids[wrong] });
        if (row.success) expect((row.result as { why: unknown }).why).to.be.a('number');
        expect(row.other_attempts?.map(({ batch_id }) => batch_id)).to.deep.equal(ids.slice(0, wrong));
        for (const other of row.other_attempts ?? []) expect(other).to.include({ outcome: 'invalid' });
      }
      const twice = (await world.rows(`${provider}.retry-2.jsonl`)).map(
        (line) => ((line['body'] ?? line['params']) as { messages: { role: string; content: string }[] }).messages,
      ); // prettier-ignore
      const attempts = results.find(({ custom_id }) => custom_id === 'ticket 3')?.other_attempts ?? [];
      expect(twice[0]?.map(({ role }) => role)).to.deep.equal([
        'user',
        'assistant',
        'user',
        'assistant',
        'user',
      ]);
      expect(
        attempts.map((attempt) => !attempt.success && attempt.answer),
        'what the model said, in its turn of the conversation',
      ).to.deep.equal([twice[0]?.[1]?.content, twice[0]?.[3]?.content]);

      const none = await world.run(['batch', 'retry', ...all, '--reask', '--submit']);
      expect(none.code, none.stderr).to.equal(0);
      expect(none.stdout).to.equal('');
      expect(none.stderr).to.match(/^Every row has a good answer$/m);
    });
  }
});
