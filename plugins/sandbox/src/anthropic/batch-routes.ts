import { rm } from 'node:fs/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { strikeQueue } from '../faults/queue-limit.js';
import { countersChange } from '../service/context.js';
import { sendFile } from '../service/send-file.js';
import { checkVersion } from './authenticate.js';
import { fault, queueFull } from './errors.js';
import { pageOf, type PageQuery } from './pages.js';
import { receiveBatch } from './receive-batch.js';
import { runBatch } from './run-batch.js';
import type { AnthropicState, StoredBatch } from './state.js';
import { timestamp, type MessageBatch } from './wire.js';

type WithId = { Params: { id: string } };

/** Clients follow `results_url` as it is, so it names the address that they reached this server by. */
function view(request: FastifyRequest, { info, faults }: StoredBatch): MessageBatch {
  const ended = info.processing_status === 'ended' && !faults.nullOutput;
  const url = `${request.protocol}://${request.host}/v1/messages/batches/${info.id}/results`;
  return { ...structuredClone(info), results_url: ended ? url : null };
}

export async function batchRoutes(app: FastifyInstance, { state }: { state: AnthropicState }): Promise<void> {
  const { context } = state;

  const find = (id: string): StoredBatch => {
    const batch = state.batches.get(id);
    if (!batch) throw fault(404, `Message Batch with ID '${id}' not found.`);
    return batch;
  };

  await app.register(async (upload) => {
    // Bodies of 256 MB are neither read into memory nor parsed as a whole.
    upload.removeAllContentTypeParsers();
    upload.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    upload.post('/v1/messages/batches', { config: { operation: 'create' } }, async (request, reply) => {
      const id = state.newId();
      const received = await receiveBatch(request.body, state.bodyPath(id), state.idsPath(id));
      const requests = { more: received.index.size, queued: 0 };
      for (const { info } of state.unfinished()) requests.queued += info.request_counts.processing;
      const full = strikeQueue(context.faults, { protocol: 'anthropic' }, () => ({ requests }), 'refused');
      if (full) {
        await Promise.all([rm(state.bodyPath(id)), rm(state.idsPath(id))]);
        throw queueFull(full.requests ?? 0);
      }
      const batch = state.addBatch(id, received, checkVersion(request));
      context.stats.batchesCreated++;
      state.save(batch, countersChange(context.stats));
      context.ledger.watch(reply.raw, id);
      context.log(`${id} in_progress: ${received.index.size} requests`);
      const created = view(request, batch);
      context.start(id, runBatch(state, batch, received.index));
      return created;
    });
  });

  app.get<{ Querystring: PageQuery }>(
    '/v1/messages/batches',
    { config: { operation: 'list' } },
    async (request) => {
      const { items, hasMore } = pageOf(state.batches, request.query);
      const data = items.map((batch) => view(request, batch));
      return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    },
  );

  app.get<WithId>(
    '/v1/messages/batches/:id',
    { config: { operation: 'retrieve' } },
    async (request, reply) => {
      const batch = find(request.params.id);
      // A wish for the pause before the next look, not a sign of trouble.
      if (batch.info.processing_status !== 'ended') reply.header('retry-after', context.retryAfterSeconds);
      return view(request, batch);
    },
  );

  app.post<WithId>(
    '/v1/messages/batches/:id/cancel',
    { config: { operation: 'cancel' } },
    async (request) => {
      const batch = find(request.params.id);
      if (batch.info.processing_status === 'ended') {
        throw fault(400, `Message Batch ${batch.info.id} has already ended and cannot be canceled.`);
      }
      if (batch.info.processing_status === 'in_progress') {
        batch.info.processing_status = 'canceling';
        batch.info.cancel_initiated_at = timestamp();
        context.stats.batchesCancelled++;
        state.save(batch, countersChange(context.stats));
      }
      const answer = view(request, batch);
      batch.cancel.abort();
      return answer;
    },
  );

  app.delete<WithId>('/v1/messages/batches/:id', { config: { operation: 'delete' } }, async (request) => {
    const batch = find(request.params.id);
    if (batch.info.processing_status !== 'ended') {
      throw fault(
        400,
        `Message Batch ${batch.info.id} is still in progress. Cancel it before you delete it.`,
      );
    }
    const { id } = batch.info;
    state.batches.delete(id);
    context.stats.batchesDeleted++;
    const created = context.ledger.get(id);
    if (created) created.status = 'deleted';
    context.store.write(
      { kind: 'anthropic-batch', id },
      ...context.ledger.change(id),
      countersChange(context.stats),
    );
    await rm(batch.resultsPath, { force: true });
    return { id, type: 'message_batch_deleted' };
  });

  app.get<WithId>(
    '/v1/messages/batches/:id/results',
    { config: { operation: 'results' } },
    async (request, reply) => {
      const { info, resultsPath, faults } = find(request.params.id);
      if (faults.nullOutput || info.processing_status !== 'ended' || info.ended_at === null) {
        throw fault(400, `Message Batch ${info.id} has not ended: its results are not available yet.`);
      }
      return sendFile(request, reply, {
        path: resultsPath,
        contentType: 'application/x-jsonl',
        etag: `"${info.id}"`,
        modified: new Date(info.ended_at),
      });
    },
  );
}
