import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../service/context.js';
import { acceptJson } from '../service/json-body.js';
import { repeatedRows } from '../service/repeated-rows.js';
import { WireError } from '../service/wire-error.js';

/** What tests ask of the sandbox itself, under `/sandbox`. No key is needed. */
export async function controlApi(
  app: FastifyInstance,
  { context }: { context: SandboxContext },
): Promise<void> {
  acceptJson(app, (problem) => refusal(`The body is not valid JSON: ${problem.message}`));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    error instanceof WireError
      ? reply.code(error.status).send(error.body)
      : reply.code(error.statusCode ?? 500).send({ error: error.message }),
  );

  app.get('/state', async () => ({ counters: { ...context.stats }, batches: context.ledger.all }));

  app.get<{ Querystring: { min?: string; of?: string } }>('/rows', async ({ query }, reply) => {
    const least = Number(query.min ?? 2);
    if (!Number.isInteger(least) || least < 1) throw refusal(`min has to be 1 or more, not ${query.min}.`);
    const { of: which = 'created' } = query;
    if (which !== 'created' && which !== 'accepted') {
      throw refusal(`of has to be created or accepted, not ${which}.`);
    }
    const batches = context.ledger.all.filter(({ status }) => which === 'created' || status !== 'failed');
    const rows = repeatedRows(batches, least, (name) => context.workspace.path(name));
    return reply.type('application/x-ndjson').send(Readable.from(asLines(rows)));
  });
}

export function refusal(message: string): WireError {
  return new WireError(400, { error: message });
}

async function* asLines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}
