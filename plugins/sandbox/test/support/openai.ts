import OpenAI from 'openai';
import type { Sandbox } from '../../src/index.js';
import { readLines, until, type Json } from './sandbox.js';

export function openAiClient(sandbox: Sandbox, apiKey = sandbox.key): OpenAI {
  return new OpenAI({ baseURL: sandbox.openaiBaseUrl, apiKey, maxRetries: 0 });
}

export function chatLine(customId: string, body: object = {}, line: object = {}): string {
  return JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Question of ${customId}` }], ...body },
    ...line,
  });
}

export function chatLines(count: number, body: object = {}): string[] {
  return Array.from({ length: count }, (_, index) => chatLine(`row-${index}`, body));
}

export async function upload(client: OpenAI, lines: string[]): Promise<string> {
  const file = new File([lines.map((line) => `${line}\n`).join('')], 'requests.jsonl');
  return (await client.files.create({ file, purpose: 'batch' })).id;
}

export async function createBatch(client: OpenAI, lines: string[], endpoint = '/v1/chat/completions') {
  return client.batches.create({
    input_file_id: await upload(client, lines),
    endpoint: endpoint as '/v1/chat/completions',
    completion_window: '24h',
  });
}

const ENDED = ['completed', 'failed', 'expired', 'cancelled'];

export function ended(client: OpenAI, id: string) {
  return until(
    () => client.batches.retrieve(id),
    (batch) => ENDED.includes(batch.status),
  );
}

export async function runBatch(client: OpenAI, lines: string[], endpoint?: string) {
  const batch = await ended(client, (await createBatch(client, lines, endpoint)).id);
  const read = async (id: string | null | undefined): Promise<Json[]> =>
    id ? readLines(await (await client.files.content(id)).text()) : [];
  return { batch, output: await read(batch.output_file_id), errors: await read(batch.error_file_id) };
}

/** The answer to one chat request, or the error it was refused with. */
export async function askInBatch(client: OpenAI, body: object): Promise<Json> {
  const { output, errors } = await runBatch(client, [chatLine('only', body)]);
  return [...output, ...errors][0]?.response.body;
}
