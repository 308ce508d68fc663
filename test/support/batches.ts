import { linesOf, type World } from './world.js';

export interface SeedOptions {
  metadata?: Record<string, string>;
  endpoint?: string;
  /** Name of the input file. */
  fileName?: string;
}

/** Makes batches by HTTP, as another program would have: faster than through the program under test. */
export async function seedOpenAI(
  world: World,
  requests: string,
  count = 1,
  options: SeedOptions = {},
): Promise<string[]> {
  const { metadata, endpoint = '/v1/chat/completions', fileName = 'requests.jsonl' } = options;
  const headers = { authorization: `Bearer ${world.sandbox.key}` };
  const base = world.sandbox.openaiBaseUrl;
  const file = await uploadOpenAI(world, fileName, requests);
  const body = JSON.stringify({ input_file_id: file, endpoint, completion_window: '24h', metadata });
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const made = await post(`${base}/batches`, {
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    ids.push(made.id);
  }
  return ids;
}

export async function seedAnthropic(world: World, requests: string, count = 1): Promise<string[]> {
  const body = JSON.stringify({ requests: linesOf(requests) });
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const made = await post(`${world.sandbox.anthropicBaseUrl}/v1/messages/batches`, {
      headers: anthropicHeaders(world),
      body,
    });
    ids.push(made.id);
  }
  return ids;
}

/** One batch, waited for until it has ended. */
export async function endedOpenAI(world: World, requests: string, options?: SeedOptions): Promise<string> {
  const [id = ''] = await seedOpenAI(world, requests, 1, options);
  const ended = ['completed', 'failed', 'expired', 'cancelled'];
  await until(async () => ended.includes(String((await openaiBatch(world, id))['status'])));
  return id;
}

export async function endedAnthropic(world: World, requests: string): Promise<string> {
  const [id = ''] = await seedAnthropic(world, requests);
  await until(async () => (await anthropicBatch(world, id))['processing_status'] === 'ended');
  return id;
}

export async function openaiBatch(world: World, id: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${world.sandbox.openaiBaseUrl}/batches/${id}`, {
    headers: { authorization: `Bearer ${world.sandbox.key}` },
  });
  return (await answer.json()) as Record<string, unknown>;
}

export async function anthropicBatch(world: World, id: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${world.sandbox.anthropicBaseUrl}/v1/messages/batches/${id}`, {
    headers: anthropicHeaders(world),
  });
  return (await answer.json()) as Record<string, unknown>;
}

/** Asks the service to cancel, by HTTP. */
export async function cancelOpenAI(world: World, id: string): Promise<void> {
  const headers = { authorization: `Bearer ${world.sandbox.key}` };
  await post(`${world.sandbox.openaiBaseUrl}/batches/${id}/cancel`, { headers });
  await until(async () => (await openaiBatch(world, id))['status'] === 'cancelled');
}

export async function deleteOpenAIFile(world: World, id: string): Promise<void> {
  await fetch(`${world.sandbox.openaiBaseUrl}/files/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${world.sandbox.key}` },
  });
}

/** Gives the id of the file. */
export async function uploadOpenAI(world: World, name: string, requests: string): Promise<string> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([requests]), name);
  const headers = { authorization: `Bearer ${world.sandbox.key}` };
  return (await post(`${world.sandbox.openaiBaseUrl}/files`, { headers, body: form })).id;
}

export async function openaiFile(world: World, id: string): Promise<Buffer> {
  const answer = await fetch(`${world.sandbox.openaiBaseUrl}/files/${id}/content`, {
    headers: { authorization: `Bearer ${world.sandbox.key}` },
  });
  return Buffer.from(await answer.arrayBuffer());
}

export async function anthropicResults(world: World, id: string): Promise<Buffer> {
  const answer = await fetch(`${world.sandbox.anthropicBaseUrl}/v1/messages/batches/${id}/results`, {
    headers: anthropicHeaders(world),
  });
  return Buffer.from(await answer.arrayBuffer());
}

/** Looks every few milliseconds until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('What the test waits for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function anthropicHeaders(world: World): Record<string, string> {
  return {
    'x-api-key': world.sandbox.key,
    'anthropic-version': '2026-10-21',
    'content-type': 'application/json',
  };
}

async function post(url: string, init: RequestInit): Promise<{ id: string }> {
  const answer = await fetch(url, { method: 'POST', ...init });
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id: string };
}
