import type { OpenAI } from 'openai';
import type { BatchFile, BatchProvider, CallOptions, ProviderFactory } from '@instructor-cli/provider-kit';
import { isProviderError, modelRuleFinder, ProviderError } from '@instructor-cli/provider-kit';
import {
  checkOpenAIRequest,
  createOpenAIRequestBuilder,
  readOpenAIBatch,
  readOpenAIFile,
  contentOfOpenAIRequest,
  followUpOpenAIRequest,
  readOpenAIRequest,
  readOpenAIResult,
  type OpenAIModelRule,
} from '@instructor-cli/provider-kit/openai-format';
import {
  asRecord,
  createSdkCaller,
  customIdAtStart,
  listPages,
  pathPart,
  sdkBatches,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';
import { askNow } from './ask-now.js';
import { connect } from './client.js';
import { MODEL_RULES } from './model-rules.js';
import { compileSchema } from './schema/compile-schema.js';
import { submit } from './submit.js';

const PAGE_SIZE = 100;
const FILES_PAGE_SIZE = 1000;

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
    readRequest: readOpenAIRequest,
    contentOf: contentOfOpenAIRequest,
    followUp: (request, turn) => followUpOpenAIRequest(request, turn, findRule),
    customIdAtStart,

    ...sdkBatches({
      caller,
      name,
      path: '/batches',
      maxPageSize: PAGE_SIZE,
      after: 'after',
      readBatch: (raw) => readOpenAIBatch(raw, name),
      contentPath: (file) => `/files/${pathPart(file.id)}/content`,
    }),
    submit: (submission) => submit(caller, name, submission),
    askNow: (request, call) => askNow(caller, name, request, { ...call, timeoutMs: options.timeoutMs }),
    listFiles: ({ limit: wanted, signal } = {}) =>
      listPages({
        limit: wanted,
        maxPageSize: FILES_PAGE_SIZE,
        readItem: (raw) => readOpenAIFile(raw, name),
        fetchPage: (limit, after) => {
          const query = { purpose: 'batch', limit, order: 'desc', ...(after === undefined ? {} : { after }) };
          return caller.repeat((client) => client.get<unknown>('/files', { query, signal }), signal);
        },
      }),
    deleteFile: (file, call) => deleteFile(caller, name, file, call),
  };
};

export default createProvider;

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
