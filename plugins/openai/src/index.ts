import type { OpenAI } from 'openai';
import type {
  Batch,
  BatchFile,
  BatchProvider,
  CallOptions,
  ProviderFactory,
} from '@instructor-cli/provider-kit';
import { isProviderError, modelRuleFinder, ProviderError } from '@instructor-cli/provider-kit';
import {
  checkOpenAIRequest,
  createOpenAIRequestBuilder,
  readOpenAIBatch,
  readOpenAIResult,
  type OpenAIModelRule,
} from '@instructor-cli/provider-kit/openai-format';
import {
  asRecord,
  createSdkCaller,
  customIdAtStart,
  listPages,
  openAnswer,
  pathPart,
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
                query: { limit, ...(after === undefined ? {} : { after }) },
                signal: listing.signal,
              }),
            listing.signal,
          ),
      }),
    cancel: (id, call) => cancel(caller, name, id, call),
    deleteFile: (file, call) => deleteFile(caller, name, file, call),
    openFile: (file, opening = {}) =>
      caller.repeat(
        (client) =>
          openAnswer(name, opening, (headers) =>
            client
              .get(`/files/${pathPart(file.id)}/content`, {
                headers,
                signal: opening.signal,
                __binaryResponse: true,
              })
              .asResponse(),
          ),
        opening.signal,
      ),
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
    (client) => client.get<unknown>(`/batches/${pathPart(id)}`, { signal }).withResponse(),
    signal,
  );
  return { ...readOpenAIBatch(data, name), pollAfterSeconds: readRetryAfter(response.headers) };
}

async function cancel(
  caller: SdkCaller<OpenAI>,
  name: string,
  id: string,
  { signal }: CallOptions = {},
): Promise<Batch> {
  const read = (raw: unknown): Batch => readOpenAIBatch(raw, name);
  return await caller.repeat(
    async (client) => read(await client.post<unknown>(`/batches/${pathPart(id)}/cancel`, { signal })),
    signal,
    // The try whose answer was lost may have cancelled it, and a second time is refused.
    async (error) => {
      const batch = await caller.once(
        async (client) => read(await client.get<unknown>(`/batches/${pathPart(id)}`, { signal })),
        signal,
      );
      if (batch.status === 'cancelling' || batch.status === 'cancelled') return batch;
      throw error;
    },
  );
}

async function deleteFile(
  caller: SdkCaller<OpenAI>,
  name: string,
  file: BatchFile,
  { signal }: CallOptions = {},
): Promise<void> {
  const answer = await caller.repeat(
    (client) => client.delete<unknown>(`/files/${pathPart(file.id)}`, { signal }),
    signal,
    async (error) => {
      if (isProviderError(error) && error.code === 'not_found') return { deleted: true };
      throw error;
    },
  );
  // A proxy's web page is an answer too. 204 has no body.
  if (answer === null || (asRecord(answer) && asRecord(answer)?.['deleted'] !== false)) return;
  throw new ProviderError('unavailable', `${name} did not confirm that ${file.id} is deleted`);
}
