import { fastify, type FastifyInstance } from 'fastify';
import { anthropicApi } from '../anthropic/anthropic-api.js';
import { errorBody as anthropicError } from '../anthropic/errors.js';
import { errorBody as openAiError } from '../openai/errors.js';
import { resumeBatch as resumeAnthropicBatch } from '../anthropic/run-batch.js';
import { AnthropicState } from '../anthropic/state.js';
import { controlApi } from '../control/control-api.js';
import { openAiApi } from '../openai/openai-api.js';
import { runBatch as runOpenAiBatch } from '../openai/run-batch.js';
import { OpenAiState } from '../openai/state.js';
import type { SandboxContext } from './context.js';
import type { RequestLog } from './request-log.js';

/** One server for both protocols: their paths do not collide. */
export async function createServer(context: SandboxContext, requests: RequestLog): Promise<FastifyInstance> {
  // Clients keep connections open: without force, closing would wait for them.
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1024 * 1024 });

  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/sandbox/')) requests.add(request.method, request.url);
  });
  app.addHook('onResponse', async (request, reply) => {
    context.log(`${request.method} ${request.url} ${reply.statusCode}`);
  });
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const body = url.startsWith('/v1/messages')
      ? anthropicError(404, `Not found: ${method} ${url}`)
      : openAiError({ message: `Invalid URL (${method} ${url})` });
    return reply.code(404).send(body);
  });

  const openAi = new OpenAiState(context);
  const anthropic = new AnthropicState(context);
  const kept = new Set([...openAi.fileNames(), ...anthropic.fileNames()]);
  await context.workspace.sweep((name) => kept.has(name));

  await app.register(openAiApi, { state: openAi, prefix: '/v1' });
  await app.register(anthropicApi, { state: anthropic });
  await app.register(controlApi, { context, prefix: '/sandbox' });

  for (const batch of openAi.unfinished()) context.start(batch.info.id, runOpenAiBatch(openAi, batch));
  for (const batch of anthropic.unfinished())
    context.start(batch.info.id, resumeAnthropicBatch(anthropic, batch));
  return app;
}
