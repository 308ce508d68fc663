import { expect } from 'chai';
import type { RowFate } from '@instructor-cli/sandbox';
import { ask, jsonLines, startWorld, type World } from './world.js';

export type Provider = 'openai' | 'anthropic';
export const PROVIDERS: Provider[] = ['openai', 'anthropic'];
const MODELS = { openai: 'openai/gpt-4o-mini', anthropic: 'anthropic/claude-haiku-4-5' };

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
/** The response model that the requests were made with. */
export const MODEL = ['--response-model', 'model.ts#Label'];

/** A world with an ended batch of each provider, whose rows met every fate; its requests are in `PROVIDER.jsonl`. */
export async function startRetryWorld(): Promise<{ world: World; batches: Record<Provider, string> }> {
  const world = await startWorld({
    outcome: ({ customId, turns }) => (turns === 0 ? FATES[customId] : undefined),
  });
  const batches = { openai: '', anthropic: '' };
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
  return { world, batches };
}
