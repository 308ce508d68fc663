import Anthropic from '@anthropic-ai/sdk';
import type { Sandbox } from '../../src/index.js';
import { readLines, until, type Json } from './sandbox.js';

export function anthropicClient(sandbox: Sandbox): Anthropic {
  return new Anthropic({ baseURL: sandbox.anthropicBaseUrl, apiKey: sandbox.key, maxRetries: 0 });
}

export function messageRequest(customId: string, params: object = {}): Json {
  return {
    custom_id: customId,
    params: {
      model: 'claude-haiku-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: `Question of ${customId}` }],
      ...params,
    },
  };
}

export function messageRequests(count: number, params: object = {}): Json[] {
  return Array.from({ length: count }, (_, index) => messageRequest(`row-${index}`, params));
}

/** A request without the client, to see what is really on the wire. */
export function call(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, {
    ...init,
    headers: { 'x-api-key': sandbox.key, 'anthropic-version': '2023-06-01', ...(init.headers as object) },
  });
}

export function post(
  sandbox: Sandbox,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return call(sandbox, '/v1/messages/batches', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** Runs a batch to its end: the batch and its result lines, by custom id. */
export async function runBatch(sandbox: Sandbox, requests: Json[], headers: Record<string, string> = {}) {
  const { id } = (await (await post(sandbox, { requests }, headers)).json()) as Json;
  const batch: Json = await until(
    async () => (await call(sandbox, `/v1/messages/batches/${id}`)).json() as Json,
    (value: Json) => value.processing_status === 'ended',
  );
  const lines = readLines(await (await call(sandbox, new URL(batch.results_url).pathname)).text());
  return { batch, lines, results: new Map<string, Json>(lines.map((line) => [line.custom_id, line.result])) };
}

/** The result of one request. */
export async function askInBatch(
  sandbox: Sandbox,
  params: object,
  headers?: Record<string, string>,
): Promise<Json> {
  return (await runBatch(sandbox, [messageRequest('only', params)], headers)).results.get('only');
}
