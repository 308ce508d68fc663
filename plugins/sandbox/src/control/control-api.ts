import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Fault } from '../faults/fault.js';
import { FaultProblem, readFaults } from '../faults/read-faults.js';
import { isObject } from '../objects.js';
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

  const faults = () => ({
    faults: context.faults.all.map(({ fault, seen, hits }) => ({ ...fault, seen, hits })),
  });
  app.get('/faults', async () => faults());
  app.put('/faults', async ({ body }) => {
    context.faults.set(described(body));
    return faults();
  });
  app.post('/faults', async ({ body }) => {
    context.faults.add(described(body));
    return faults();
  });
  app.delete('/faults', async () => {
    context.faults.set([]);
    return faults();
  });

  app.post('/release', async ({ body }) => {
    const { id } = isObject(body) ? body : {};
    if (id !== undefined && typeof id !== 'string') throw refusal('id has to be a text.');
    return { released: context.releases.release(id) };
  });

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

function described(body: unknown): Fault[] {
  try {
    return readFaults(body);
  } catch (error) {
    if (error instanceof FaultProblem) throw refusal(error.message);
    throw error;
  }
}

function refusal(message: string): WireError {
  return new WireError(400, { error: message });
}

async function* asLines(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}
