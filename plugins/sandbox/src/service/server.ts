import { fastify, type FastifyInstance } from 'fastify';
import { anthropicApi } from '../anthropic/anthropic-api.js';
import { errorBody as anthropicError } from '../anthropic/errors.js';
import { errorBody as openAiError } from '../openai/errors.js';
import { openAiApi } from '../openai/openai-api.js';
import type { SandboxContext } from './context.js';
import type { RequestLog } from './request-log.js';

/** One server for both protocols: their paths do not collide. */
export async function createServer(context: SandboxContext, requests: RequestLog): Promise<FastifyInstance> {
  // Clients keep connections open: without force, closing would wait for them.
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1024 * 1024 });

  app.addHook('onRequest', async (request) => {
    requests.add(request.method, request.url);
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

  await app.register(openAiApi, { context, prefix: '/v1' });
  await app.register(anthropicApi, { context });
  return app;
}
