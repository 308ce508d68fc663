import type { FastifyInstance } from 'fastify';
import { isListed } from '../faults/batch-faults.js';
import { countersChange } from '../service/context.js';
import { createBatch } from './create-batch.js';
import { fault } from './errors.js';
import { pageOf } from './pages.js';
import { runBatch } from './run-batch.js';
import type { OpenAiState, StoredBatch } from './state.js';
import { unixNow } from './wire.js';

type WithId = { Params: { id: string } };

const CANCELLABLE = ['validating', 'in_progress', 'finalizing'];

export async function batchRoutes(app: FastifyInstance, { state }: { state: OpenAiState }): Promise<void> {
  const { context } = state;

  const find = (id: string): StoredBatch => {
    const batch = state.batches.get(id);
    if (!batch) throw fault(404, { message: `No batch found with id '${id}'.` });
    return batch;
  };

  app.post('/batches', { config: { operation: 'create' } }, async (request, reply) => {
    const batch = createBatch(state, request.body);
    context.stats.batchesCreated++;
    state.save(batch, countersChange(context.stats));
    context.ledger.watch(reply.raw, batch.info.id);
    // The answer shows the batch as it was created, whatever the work does in the meantime.
    const created = structuredClone(batch.info);
    context.start(batch.info.id, runBatch(state, batch));
    return created;
  });

  app.get<{ Querystring: { limit?: string; after?: string } }>(
    '/batches',
    { config: { operation: 'list' } },
    async ({ query }) =>
      pageOf(
        state.batches,
        { limit: query.limit, after: query.after },
        { most: 100, usual: 20, what: 'batch', keep: ({ faults }) => isListed(faults) },
      ),
  );

  app.get<WithId>(
    '/batches/:id',
    { config: { operation: 'retrieve' } },
    async (request) => find(request.params.id).info,
  );

  app.post<WithId>('/batches/:id/cancel', { config: { operation: 'cancel' } }, async (request) => {
    const batch = find(request.params.id);
    const { info } = batch;
    if (info.status === 'cancelling') return info;
    if (!CANCELLABLE.includes(info.status)) {
      throw fault(409, { message: `Cannot cancel a batch with status '${info.status}'.` });
    }
    info.status = 'cancelling';
    info.cancelling_at = unixNow();
    context.stats.batchesCancelled++;
    state.save(batch, countersChange(context.stats));
    const answer = structuredClone(info);
    batch.cancel.abort();
    return answer;
  });
}
