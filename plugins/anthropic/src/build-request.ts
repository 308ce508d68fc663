import {
  RequestSettingsError,
  type RequestBuilder,
  type RequestSettings,
} from '@instructor-cli/provider-kit';
import { asRecord } from '@instructor-cli/provider-kit/wire';
import { TOOL_DESCRIPTION } from './forced-tool.js';
import { toConversation } from './messages.js';
import type { AnthropicModelRule } from './model-rules.js';

/** The service refuses a request without a limit, so one is always sent. */
const DEFAULT_MAX_TOKENS = 1000;

/** Makes the lines of a request file: `{custom_id, params}`. */
export function createRequestBuilder(
  settings: RequestSettings,
  rule: AnthropicModelRule = { match: '' },
): RequestBuilder {
  const { model, endpoint, maxTokens, temperature, topP, stop, schema, params } = settings;
  if (endpoint !== undefined && endpoint !== '/v1/messages') {
    throw new RequestSettingsError(`Anthropic batches have no endpoint ${endpoint}`, 'Leave --endpoint out');
  }
  const shared: Record<string, unknown> = { model, max_tokens: maxTokens?.value ?? DEFAULT_MAX_TOKENS };
  // A temperature that nobody asked for is left out: the present API version and the newer models refuse it.
  if (temperature?.explicit) {
    refuse(settings, rule, 'temperature', temperature.value, '--temperature');
    shared['temperature'] = temperature.value;
  }
  if (topP !== undefined) {
    refuse(settings, rule, 'top_p', topP, 'top_p');
    shared['top_p'] = topP;
  }
  if (stop && stop.length > 0) {
    refuse(settings, rule, 'stop_sequences', stop, 'stop');
    shared['stop_sequences'] = stop;
  }
  if (schema?.mode === 'format') {
    shared['output_config'] = { format: { type: 'json_schema', schema: schema.schema } };
  } else if (schema) {
    shared['tools'] = [
      {
        name: schema.name,
        description: schema.description ?? TOOL_DESCRIPTION,
        input_schema: schema.schema,
      },
    ];
    shared['tool_choice'] = { type: 'tool', name: schema.name };
  }
  const common = withParameters(shared, params);
  return {
    notes: [],
    build: (input) => ({
      custom_id: input.customId,
      params: withParameters({ ...common, ...toConversation(input.messages ?? []) }, input.params),
    }),
  };
}

/** Throws if the model does not take this value. */
function refuse(
  { model }: RequestSettings,
  rule: AnthropicModelRule,
  name: string,
  value: unknown,
  flag: string,
): void {
  const fixed = rule.fixed?.[name];
  if (!rule.rejects?.includes(name) && (fixed === undefined || fixed === value)) return;
  throw new RequestSettingsError(
    `${model} is ${rule.label ?? 'a model with rules of its own'} and does not accept a ${name} of ${JSON.stringify(value)}`,
    `Leave ${flag} out, or choose a model that takes it, such as claude-haiku-4-5`,
  );
}

/** Puts parameters of the user's over those that were made for them, without losing the answer's shape. */
function withParameters(
  params: Record<string, unknown>,
  own: Record<string, unknown> | undefined,
): Record<string, unknown> {
  if (!own) return params;
  const merged = { ...params, ...own };
  const outputConfig = asRecord(own['output_config']);
  if (outputConfig) merged['output_config'] = { ...asRecord(params['output_config']), ...outputConfig };
  if (Array.isArray(params['tools']) && Array.isArray(own['tools'])) {
    merged['tools'] = [...(params['tools'] as unknown[]), ...(own['tools'] as unknown[])];
  }
  return merged;
}
