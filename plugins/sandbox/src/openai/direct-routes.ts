import type { FastifyInstance } from 'fastify';
import { isObject } from '../objects.js';
import { answerRequest } from './answer-request.js';
import { ENDPOINTS } from './create-batch.js';
import type { OpenAiState } from './state.js';

const OPTIONS = { bodyLimit: 32 * 1024 * 1024, config: { operation: 'direct' } } as const;

/** The endpoints themselves, for programs that ask one question at a time. No streaming. */
export async function directRoutes(app: FastifyInstance, { state }: { state: OpenAiState }): Promise<void> {
  for (const endpoint of ENDPOINTS) {
    app.post(endpoint.slice('/v1'.length), OPTIONS, async (request, reply) => {
      const body = isObject(request.body) ? request.body : {};
      const { seed, upstream, closing } = state.context;
      if (upstream) {
        const asked = await upstream.ask(endpoint.slice('/v1'.length), body, closing);
        return reply.code(asked.status).send(asked.body);
      }
      const { status, body: answer } = answerRequest(endpoint, body, 'succeeded', {
        seed,
        key: JSON.stringify(body),
      });
      return reply.code(status).send(answer);
    });
  }
}
