import { RequestSettingsError } from '../contract/errors.js';
import type { RequestBuilder, RequestInput, RequestSettings } from '../contract/requests.js';
import { asRecord } from '../wire/read.js';
import { CHAT, EMBEDDINGS, RESPONSES } from './endpoints.js';
import { limitsFor } from './limits.js';
import { toResponsesInput } from './messages.js';
import type { OpenAIModelRule } from './model-rules.js';

/** Makes request lines of OpenAI's shape for one model and endpoint. */
export function createOpenAIRequestBuilder(
  settings: RequestSettings,
  rule: OpenAIModelRule = { match: '' },
): RequestBuilder {
  const { model, endpoint = CHAT } = settings;
  const notes: string[] = [];
  const shared = withParameters(
    { model, ...limitsFor(settings, endpoint, rule, notes), ...schemaFor(settings, endpoint) },
    renamed(settings.params, endpoint, rule),
  );
  return {
    notes,
    build(input) {
      const body = withParameters(
        { ...shared, ...contentOf(input, endpoint) },
        renamed(input.params, endpoint, rule),
      );
      return { custom_id: input.customId, method: 'POST', url: endpoint, body };
    },
  };
}

function contentOf(input: RequestInput, endpoint: string): Record<string, unknown> {
  if (endpoint === EMBEDDINGS) return { input: input.input ?? lastContent(input) };
  if (endpoint === RESPONSES) return { input: input.input ?? toResponsesInput(input.messages ?? []) };
  return input.messages ? { messages: input.messages } : { input: input.input };
}

function lastContent(input: RequestInput): unknown {
  return input.messages?.at(-1)?.content;
}

function schemaFor(settings: RequestSettings, endpoint: string): Record<string, unknown> {
  const { schema } = settings;
  if (!schema) return {};
  const format = { name: schema.name, description: schema.description, schema: schema.schema, strict: true };
  if (endpoint === CHAT) return { response_format: { type: 'json_schema', json_schema: format } };
  if (endpoint === RESPONSES) return { text: { format: { type: 'json_schema', ...format } } };
  throw new RequestSettingsError(`${endpoint} gives no structured answers`, 'Leave --response-model out');
}

const RESPONSES_LIMIT: Record<string, string> = {
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
};

/** Two names of one limit: the service refuses a request that has both. */
const LIMIT_NAMES = ['max_tokens', 'max_completion_tokens'];

/** Puts parameters of the user's over those that were made for them. */
function withParameters(
  body: Record<string, unknown>,
  own: Record<string, unknown> | undefined,
): Record<string, unknown> {
  if (!own) return body;
  const merged = { ...body };
  if (LIMIT_NAMES.some((name) => own[name] !== undefined)) {
    for (const name of LIMIT_NAMES) delete merged[name];
  }
  Object.assign(merged, own);
  // The Responses API keeps the answer's format beside settings such as `verbosity`.
  const text = asRecord(own['text']);
  if (text && asRecord(body['text'])) merged['text'] = { ...asRecord(body['text']), ...text };
  return merged;
}

/** Who says `max_tokens` means the limit, whatever the model calls it. */
function renamed(
  params: Record<string, unknown> | undefined,
  endpoint: string,
  rule: OpenAIModelRule,
): Record<string, unknown> | undefined {
  if (!params) return undefined;
  const rename = endpoint === RESPONSES ? RESPONSES_LIMIT : endpoint === CHAT ? rule.rename : undefined;
  if (!rename) return params;
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      (Object.hasOwn(rename, key) ? rename[key] : undefined) ?? key,
      value,
    ]),
  );
}
