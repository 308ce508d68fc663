// @ts-check
import {
  askOpenAI,
  checkOpenAIRequest,
  createOpenAIRequestBuilder,
  readOpenAIBatch,
  readOpenAIFile,
  readOpenAIResult,
} from '@instructor-cli/provider-kit/openai-format';
import {
  createSdkCaller,
  customIdAtStart,
  listPages,
  openAnswer,
  pathPart,
  readRetryAfter,
} from '@instructor-cli/provider-kit/wire';
import { connect } from './client.js';
import { compileSchema } from './compile-schema.js';
import { submit } from './submit.js';

const PAGE_SIZE = 100;

/**
 * Acme's batches. The factory does no work and needs no key: the host calls it to check a file, too.
 *
 * @type {import('@instructor-cli/provider-kit').ProviderFactory}
 */
export const createProvider = (options) => {
  const { name, endpoints } = options.declaration;
  const { repeat, once } = createSdkCaller(options, async () => connect(options));
  /** @param {unknown} raw */
  const readBatch = (raw) => readOpenAIBatch(raw, name);

  return {
    // Pure functions: what a request looks like, and what an answer says.
    compileSchema,
    createRequestBuilder: (settings) => createOpenAIRequestBuilder(settings),
    checkRequest: (request) => checkOpenAIRequest(request, { endpoints, findRule: () => undefined }),
    readResult: readOpenAIResult,
    customIdAtStart,

    // Calls to the service.
    submit: (submission) => submit({ repeat, once }, name, submission),
    retrieve: (id, { signal } = {}) =>
      repeat(async (client) => {
        const answer = await client.send(`/batches/${pathPart(id)}`, { signal });
        return { ...readBatch(await answer.json()), pollAfterSeconds: readRetryAfter(answer.headers) };
      }, signal),
    list: ({ limit, signal } = {}) =>
      listPages({
        limit,
        maxPageSize: PAGE_SIZE,
        readItem: readBatch,
        fetchPage: (pageSize, after) => {
          const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
          const path = `/batches?limit=${pageSize}${from}`;
          return repeat((client) => client.json(path, { signal }), signal);
        },
      }),
    cancel: (id, { signal } = {}) =>
      repeat(async (client) => {
        const path = `/batches/${pathPart(id)}/cancel`;
        return readBatch(await client.json(path, { method: 'POST', signal }));
      }, signal),
    askNow: (request, { signal } = {}) =>
      askOpenAI(name, request, (path, body) =>
        repeat(async (client) => {
          const headers = { 'content-type': 'application/json' };
          const call = { method: 'POST', headers, body: JSON.stringify(body), signal };
          const answer = await client.send(path, call);
          const requestId = answer.headers.get('x-request-id');
          return { status: answer.status, requestId, body: /** @type {unknown} */ (await answer.json()) };
        }, signal),
      ),
    listFiles: ({ limit, signal } = {}) =>
      listPages({
        limit,
        maxPageSize: PAGE_SIZE,
        readItem: (raw) => readOpenAIFile(raw, name),
        fetchPage: (pageSize, after) => {
          const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
          const path = `/files?purpose=batch&order=desc&limit=${pageSize}${from}`;
          return repeat((client) => client.json(path, { signal }), signal);
        },
      }),
    deleteFile: async ({ id }, { signal } = {}) => {
      const path = `/files/${pathPart(id)}`;
      await repeat((client) => client.json(path, { method: 'DELETE', signal }), signal);
    },
    openFile: ({ id }, opening = {}) =>
      repeat((client) => {
        const path = `/files/${pathPart(id)}/content`;
        const { signal } = opening;
        return openAnswer(name, opening, (headers) => client.send(path, { headers, signal, endless: true }));
      }, opening.signal),
  };
};
