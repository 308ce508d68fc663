import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { countersChange } from '../service/context.js';
import { sendFile } from '../service/send-file.js';
import { fault } from './errors.js';
import { pageOf } from './pages.js';
import { MAX_FILE_BYTES, receiveFile } from './receive-file.js';
import { fileChange, type OpenAiState, type StoredFile } from './state.js';

type WithId = { Params: { id: string } };

export async function fileRoutes(app: FastifyInstance, { state }: { state: OpenAiState }): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: MAX_FILE_BYTES, files: 1 },
  });

  const { stats, store } = state.context;

  const find = (id: string): StoredFile => {
    const file = state.files.get(id);
    if (!file) throw fault(404, { message: `No such File object: ${id}`, param: 'id' });
    return file;
  };

  app.post('/files', { config: { operation: 'upload' } }, async (request) => {
    if (!request.isMultipart()) {
      throw fault(400, { message: "Invalid content type. The files API takes 'multipart/form-data'." });
    }
    const file = await receiveFile(state, request);
    const { info } = file;
    stats.filesUploaded++;
    store.write(fileChange(file), countersChange(stats));
    state.context.log(`${info.id} uploaded: ${info.filename}, ${info.bytes} bytes`);
    return info;
  });

  app.get<{ Querystring: { purpose?: string; limit?: string; after?: string; order?: string } }>(
    '/files',
    { config: { operation: 'list-files' } },
    async ({ query }) =>
      pageOf(state.files, query, {
        most: 10_000,
        usual: 10_000,
        what: 'file',
        keep: (file) => query.purpose === undefined || file.info.purpose === query.purpose,
      }),
  );

  app.get<WithId>(
    '/files/:id',
    { config: { operation: 'retrieve-file' } },
    async (request) => find(request.params.id).info,
  );

  app.delete<WithId>('/files/:id', { config: { operation: 'delete-file' } }, async (request) => {
    const file = find(request.params.id);
    stats.filesDeleted++;
    store.write({ kind: 'file', id: file.info.id }, countersChange(stats));
    await state.removeFile(file);
    return { id: file.info.id, object: 'file', deleted: true };
  });

  app.get<WithId>('/files/:id/content', { config: { operation: 'file-content' } }, async (request, reply) => {
    const { info, path } = find(request.params.id);
    return sendFile(request, reply, {
      path,
      contentType: 'application/octet-stream',
      etag: `"${info.id}"`,
      modified: new Date(info.created_at * 1000),
      filename: encodeURIComponent(info.filename),
    });
  });
}
