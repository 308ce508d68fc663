import type { OpenAI } from 'openai';
import type { Batch, BatchProvider, CallOptions, ProviderFactory } from '@instructor-cli/provider-kit';
import { modelRuleFinder } from '@instructor-cli/provider-kit';
import {
  checkOpenAIRequest,
  createOpenAIRequestBuilder,
  readOpenAIBatch,
  readOpenAIResult,
  type OpenAIModelRule,
} from '@instructor-cli/provider-kit/openai-format';
import {
  createSdkCaller,
  customIdAtStart,
  listPages,
  openedFrom,
  rangeHeaders,
  readRetryAfter,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';
import { connect } from './client.js';
import { MODEL_RULES } from './model-rules.js';
import { compileSchema } from './schema/compile-schema.js';
import { submit } from './submit.js';

const PAGE_SIZE = 100;

/** OpenAI's Batch API. */
export const createProvider: ProviderFactory = (options): BatchProvider => {
  const { name, endpoints } = options.declaration;
  const rules = [...(options.models ?? []), ...MODEL_RULES] as OpenAIModelRule[];
  const findRule = modelRuleFinder(rules);
  const caller = createSdkCaller(options, () => connect(options));

  return {
    compileSchema,
    createRequestBuilder: (settings) => createOpenAIRequestBuilder(settings, findRule(settings.model)),
    checkRequest: (request) => checkOpenAIRequest(request, { endpoints, findRule }),
    readResult: readOpenAIResult,
    customIdAtStart,

    submit: (submission) => submit(caller, name, submission),
    retrieve: (id, call) => retrieve(caller, name, id, call),
    list: (listing = {}) =>
      listPages({
        limit: listing.limit,
        maxPageSize: PAGE_SIZE,
        readBatch: (raw) => readOpenAIBatch(raw, name),
        fetchPage: (limit, after) =>
          caller.repeat(
            (client) =>
              client.get<unknown>('/batches', {
                query: { limit, ...(after === undefined ? {} : { after: after }) },
                signal: listing.signal,
              }),
            listing.signal,
          ),
      }),
    cancel: async (id, { signal } = {}) =>
      readOpenAIBatch(
        await caller.repeat(
          (client) => client.post<unknown>(`/batches/${encodeURIComponent(id)}/cancel`, { signal }),
          signal,
        ),
        name,
      ),
    deleteFile: async (file, { signal } = {}) => {
      await caller.repeat((client) => client.files.delete(file.id, { signal }), signal);
    },
    openFile: (file, opening = {}) =>
      caller.repeat(async (client) => {
        const answer = await client
          .get(`/files/${encodeURIComponent(file.id)}/content`, {
            // A compressed body could not be continued at a byte offset.
            headers: {
              accept: 'application/binary',
              'accept-encoding': 'identity',
              ...rangeHeaders(opening),
            },
            signal: opening.signal,
            __binaryResponse: true,
          })
          .asResponse();
        return openedFrom(answer);
      }, opening.signal),
  };
};

export default createProvider;

async function retrieve(
  caller: SdkCaller<OpenAI>,
  name: string,
  id: string,
  { signal }: CallOptions = {},
): Promise<Batch> {
  const { data, response } = await caller.repeat(
    (client) => client.get<unknown>(`/batches/${encodeURIComponent(id)}`, { signal }).withResponse(),
    signal,
  );
  return { ...readOpenAIBatch(data, name), pollAfterSeconds: readRetryAfter(response.headers) };
}
