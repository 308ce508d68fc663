import type { BaseAnthropic } from '@anthropic-ai/sdk';
import {
  isProviderError,
  modelRuleFinder,
  ProviderError,
  type BatchProvider,
  type CallOptions,
  type ProviderFactory,
} from '@instructor-cli/provider-kit';
import {
  asRecord,
  createSdkCaller,
  customIdAtStart,
  pathPart,
  sdkBatches,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';
import { askNow } from './ask-now.js';
import { createRequestBuilder } from './build-request.js';
import { checkRequest } from './check-request.js';
import { connect } from './client.js';
import { contentOf } from './content-of.js';
import { followUp } from './follow-up.js';
import { MODEL_RULES, type AnthropicModelRule } from './model-rules.js';
import { readBatch } from './read-batch.js';
import { readRequest } from './read-request.js';
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
    readRequest,
    contentOf,
    followUp,

    ...sdkBatches({
      caller,
      name,
      path: PATH,
      maxPageSize: PAGE_SIZE,
      after: 'after_id',
      readBatch: (raw) => readBatch(raw, name),
      // The path that `results_url` names, but on the address the user chose: the key goes nowhere else.
      contentPath: (file) => `${pathOf(file.id)}/results`,
    }),
    submit: (submission) => submit(caller, name, submission),
    askNow: (request, call) => {
      const { traits = [] } = checkRequest(request, findRule);
      return askNow(caller, name, request, { ...call, traits, timeoutMs: options.timeoutMs });
    },
    delete: (id, call) => remove(caller, name, id, call),
  };
};

export default createProvider;

function pathOf(id: string): string {
  return `${PATH}/${pathPart(id)}`;
}

async function remove(
  caller: SdkCaller<BaseAnthropic>,
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
