import type { PortableRequest } from '../contract/requests.js';
import { asRecord, asText } from '../wire/read.js';
import { EMBEDDINGS, LIMIT_NAMES, RESPONSES } from './endpoints.js';
import { isSet, readChatMessages, readResponsesInput } from './read-messages.js';

/** Keys of a line itself. */
const LINE_KEYS = ['custom_id', 'method', 'url', 'body'];

/** Reads one line of a request file into the neutral form. What has no place there is named in `rest`. */
export function readOpenAIRequest(request: unknown): PortableRequest {
  const line = asRecord(request) ?? {};
  const body = { ...asRecord(line['body']) };
  const endpoint = asText(line['url']);
  const portable: PortableRequest = { customId: asText(line['custom_id']) ?? '', rest: [] };
  const rest = Object.keys(line).filter((key) => !LINE_KEYS.includes(key) && isSet(line[key]));
  const take = <T>(name: string, read: (value: unknown) => T | undefined): T | undefined => {
    const value = read(body[name]);
    if (value !== undefined) delete body[name];
    return value;
  };

  if (endpoint !== undefined) portable.endpoint = endpoint;
  assign(portable, 'model', take('model', asText));
  if (endpoint === EMBEDDINGS) assign(portable, 'input', take('input', some));
  else if (endpoint === RESPONSES) {
    const { messages, rest: left } = readResponsesInput(body['input']);
    const instructions = take('instructions', asText);
    if (instructions !== undefined) messages.unshift({ role: 'system', content: instructions });
    delete body['input'];
    rest.push(...left);
    portable.messages = messages;
  } else if (body['messages'] !== undefined) {
    const { messages, rest: left } = readChatMessages(body['messages']);
    delete body['messages'];
    rest.push(...left);
    portable.messages = messages;
  } else assign(portable, 'input', take('input', some));

  for (const name of LIMIT_NAMES) assign(portable, 'maxTokens', take(name, number) ?? portable.maxTokens);
  assign(portable, 'temperature', take('temperature', number));
  assign(portable, 'topP', take('top_p', number));
  assign(portable, 'stop', take('stop', texts));
  assign(
    portable,
    'schema',
    take('response_format', (format) => schemaOf(asRecord(asRecord(format)?.['json_schema']))),
  );
  if (isPlainText(body['response_format'])) delete body['response_format'];
  rest.push(...readTextSettings(body, portable));
  portable.rest = [...rest, ...Object.keys(body).filter((key) => isSet(body[key]))];
  return portable;
}

/** The Responses API keeps the answer's format beside other settings of its text. */
function readTextSettings(body: Record<string, unknown>, portable: PortableRequest): string[] {
  const text = asRecord(body['text']);
  if (!text) return [];
  delete body['text'];
  const { format, ...others } = text;
  const schema = asRecord(format)?.['type'] === 'json_schema' ? schemaOf(asRecord(format)) : undefined;
  assign(portable, 'schema', schema);
  const rest = Object.keys(others).filter((key) => isSet(others[key]));
  if (isSet(format) && !schema && !isPlainText(format)) rest.unshift('format');
  return rest.map((key) => `text.${key}`);
}

function schemaOf(format: Record<string, unknown> | undefined): PortableRequest['schema'] {
  const schema = asRecord(format?.['schema']);
  if (!schema) return undefined;
  const description = asText(format?.['description']);
  return {
    name: asText(format?.['name']) ?? 'response',
    ...(description === undefined ? {} : { description }),
    schema,
  };
}

/** A format that says no more than none. */
function isPlainText(format: unknown): boolean {
  return asRecord(format)?.['type'] === 'text';
}

function assign<K extends keyof PortableRequest>(
  target: PortableRequest,
  key: K,
  value: PortableRequest[K] | undefined,
): void {
  if (value !== undefined) target[key] = value;
}

function some(value: unknown): unknown {
  return value ?? undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** One text to stop at may stand alone. */
function texts(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
