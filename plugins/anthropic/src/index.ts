import type { Anthropic } from '@anthropic-ai/sdk';
import {
  modelRuleFinder,
  type Batch,
  type BatchProvider,
  type CallOptions,
  type ProviderFactory,
} from '@instructor-cli/provider-kit';
import {
  createSdkCaller,
  customIdAtStart,
  listPages,
  openedFrom,
  rangeHeaders,
  readRetryAfter,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';
import { createRequestBuilder } from './build-request.js';
import { checkRequest } from './check-request.js';
import { connect } from './client.js';
import { MODEL_RULES, type AnthropicModelRule } from './model-rules.js';
import { readBatch } from './read-batch.js';
import { readResult } from './read-result.js';
import { compileSchema } from './schema/compile-schema.js';
import { submit } from './submit.js';

const PATH = '/v1/messages/batches';
const PAGE_SIZE = 1000;

/** Anthropic's Message Batches API. */
export const createProvider: ProviderFactory = (options): BatchProvider => {
  const { name } = options.declaration;
  const rules = [...(options.models ?? []), ...MODEL_RULES] as AnthropicModelRule[];
  const findRule = modelRuleFinder(rules);
  const caller = createSdkCaller(options, () => connect(options));

  return {
    compileSchema: (schema, context) =>
      compileSchema(schema, context, { mode: findRule(context.model)?.structuredOutput ?? 'format' }),
    createRequestBuilder: (settings) => createRequestBuilder(settings, findRule(settings.model)),
    checkRequest: (request) => checkRequest(request, findRule),
    readResult,
    customIdAtStart,

    submit: (submission) => submit(caller, name, submission),
    retrieve: (id, call) => retrieve(caller, name, id, call),
    list: (listing = {}) =>
      listPages({
        limit: listing.limit,
        maxPageSize: PAGE_SIZE,
        readBatch: (raw) => readBatch(raw, name),
        fetchPage: (limit, after) =>
          caller.repeat(
            (client) =>
              client.get<unknown>(PATH, {
                query: { limit, ...(after === undefined ? {} : { after_id: after }) },
                signal: listing.signal,
              }),
            listing.signal,
          ),
      }),
    cancel: async (id, { signal } = {}) =>
      readBatch(
        await caller.repeat((client) => client.post<unknown>(`${pathOf(id)}/cancel`, { signal }), signal),
        name,
      ),
    delete: async (id, { signal } = {}) => {
      await caller.repeat((client) => client.delete<unknown>(pathOf(id), { signal }), signal);
    },
    openFile: (file, opening = {}) =>
      caller.repeat(async (client) => {
        // The path that `results_url` names, but on the address the user chose: the key goes nowhere else.
        const answer = await client
          .get(`${pathOf(file.id)}/results`, {
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

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

async function retrieve(
  caller: SdkCaller<Anthropic>,
  name: string,
  id: string,
  { signal }: CallOptions = {},
): Promise<Batch> {
  const { data, response } = await caller.repeat(
    (client) => client.get<unknown>(pathOf(id), { signal }).withResponse(),
    signal,
  );
  // While a batch is in progress the service says in `retry-after` how long to wait before the next look.
  return { ...readBatch(data, name), pollAfterSeconds: readRetryAfter(response.headers) };
}
