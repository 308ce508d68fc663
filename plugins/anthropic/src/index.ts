import type { Anthropic } from '@anthropic-ai/sdk';
import {
  isProviderError,
  modelRuleFinder,
  ProviderError,
  type Batch,
  type BatchProvider,
  type CallOptions,
  type ProviderFactory,
} from '@instructor-cli/provider-kit';
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
    cancel: (id, call) => cancel(caller, name, id, call),
    delete: (id, call) => remove(caller, name, id, call),
    openFile: (file, opening = {}) =>
      caller.repeat(
        (client) =>
          openAnswer(name, opening, (headers) =>
            client
              // The path that `results_url` names, but on the address the user chose: the key goes nowhere else.
              .get(`${pathOf(file.id)}/results`, {
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

function pathOf(id: string): string {
  return `${PATH}/${pathPart(id)}`;
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

async function cancel(
  caller: SdkCaller<Anthropic>,
  name: string,
  id: string,
  { signal }: CallOptions = {},
): Promise<Batch> {
  return await caller.repeat(
    async (client) => readBatch(await client.post<unknown>(`${pathOf(id)}/cancel`, { signal }), name),
    signal,
    // The try whose answer was lost may have cancelled it, and a second time is refused.
    async (error) => {
      const batch = await caller.once(
        async (client) => readBatch(await client.get<unknown>(pathOf(id), { signal }), name),
        signal,
      );
      if (batch.times.cancelling) return batch;
      throw error;
    },
  );
}

async function remove(
  caller: SdkCaller<Anthropic>,
  name: string,
  id: string,
  { signal }: CallOptions = {},
): Promise<void> {
  const answer = await caller.repeat(
    (client) => client.delete<unknown>(pathOf(id), { signal }),
    signal,
    async (error) => {
      if (isProviderError(error) && error.code === 'not_found') return {};
      throw error;
    },
  );
  // A proxy's web page is an answer too. 204 has no body.
  if (answer === null || asRecord(answer)) return;
  throw new ProviderError('unavailable', `${name} did not confirm that ${id} is deleted`);
}
