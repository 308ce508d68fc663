import type { FastifyInstance } from 'fastify';
import { addCallFaults } from '../faults/call-faults.js';
import { newHexId } from '../service/ids.js';
import { acceptJson } from '../service/json-body.js';
import { WireError } from '../service/wire-error.js';
import { authenticate } from './authenticate.js';
import { batchRoutes } from './batch-routes.js';
import { directRoutes } from './direct-routes.js';
import { errorBody, fault, noCredit, rateLimited, serverError } from './errors.js';
import { fileRoutes } from './file-routes.js';
import type { OpenAiState } from './state.js';

/** Everything under `/v1` that speaks OpenAI's protocol. */
export async function openAiApi(app: FastifyInstance, { state }: { state: OpenAiState }): Promise<void> {
  const { context } = state;

  acceptJson(app, () =>
    fault(400, {
      message: 'We could not parse the JSON body of your request. The OpenAI API expects a JSON payload.',
    }),
  );

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', newHexId('req_', 32));
    reply.header('openai-version', '2020-10-01');
    reply.header('openai-organization', 'sandbox');
    authenticate(request);
  });
  addCallFaults(app, context, { protocol: 'openai', rateLimited, noCredit, serverError });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('openai-processing-ms', Math.ceil(reply.elapsedTime));
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof WireError) return reply.code(error.status).send(error.body);
    const status = error.statusCode ?? 500;
    const type = status >= 500 ? 'server_error' : 'invalid_request_error';
    if (status >= 500) context.log(`OpenAI API: ${error.stack ?? error.message}`);
    return reply.code(status).send(errorBody({ message: error.message, type }));
  });

  await app.register(fileRoutes, { state });
  await app.register(batchRoutes, { state });
  await app.register(directRoutes, { state });
}
