import type { FastifyInstance } from 'fastify';
import { addCallFaults } from '../faults/call-faults.js';
import { isObject } from '../objects.js';
import { Random } from '../random.js';
import { newMixedId, newUuid } from '../service/ids.js';
import { acceptJson } from '../service/json-body.js';
import { WireError } from '../service/wire-error.js';
import { askForMessage } from './ask-upstream.js';
import { authenticate, checkVersion } from './authenticate.js';
import { batchRoutes } from './batch-routes.js';
import { checkParams } from './check-params.js';
import { errorBody, fault, noCredit, rateLimited, serverError } from './errors.js';
import { composeMessage } from './message.js';
import type { AnthropicState } from './state.js';

const ORGANIZATION = newUuid();
const DIRECT = { bodyLimit: 32 * 1024 * 1024, config: { operation: 'direct' } } as const;

/** Everything under `/v1/messages`, which speaks Anthropic's protocol. */
export async function anthropicApi(
  app: FastifyInstance,
  { state }: { state: AnthropicState },
): Promise<void> {
  const { context } = state;

  acceptJson(app, (problem) => fault(400, `The request body is not valid JSON: ${problem.message}`));

  app.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', newMixedId('req_011C', 20));
    reply.header('anthropic-organization-id', ORGANIZATION);
    authenticate(request);
    checkVersion(request);
  });
  addCallFaults(app, context, { protocol: 'anthropic', rateLimited, noCredit, serverError });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof WireError ? error.status : (error.statusCode ?? 500);
    const body = error instanceof WireError ? error.body : errorBody(status, error.message);
    if (status >= 500) context.log(`Anthropic API: ${error.stack ?? error.message}`);
    return reply
      .code(status)
      .send({ ...(body as object), request_id: reply.getHeader('request-id') ?? null });
  });

  await app.register(batchRoutes, { state });

  // The endpoint itself, for programs that ask one question at a time. No streaming.
  app.post('/v1/messages', DIRECT, async (request) => {
    const params = isObject(request.body) ? request.body : {};
    const problem = checkParams(params, checkVersion(request));
    if (problem) throw fault(400, problem);
    const random = new Random(`${context.seed}:answer:${JSON.stringify(params)}`);
    const { upstream, closing: signal } = context;
    if (!upstream) return composeMessage(params, 'succeeded', random, 'standard');
    const asked = await askForMessage(upstream, params, { random, tier: 'standard', signal });
    if ('error' in asked) throw fault(asked.error.status, asked.error.message);
    return asked.message;
  });
}
