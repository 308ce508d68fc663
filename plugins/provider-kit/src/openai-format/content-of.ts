import type { RequestContent } from '../contract/requests.js';
import { asNumber, asRecord, asText } from '../wire/read.js';
import { EMBEDDINGS, LIMIT_NAMES } from './endpoints.js';

/** Tokens around each message, and before the answer. @see https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb */
const PER_MESSAGE = 3;
const PER_NAME = 1;
const BEFORE_ANSWER = 3;

/** Items of the Responses API whose texts stand here. */
const TEXT_FIELDS = ['name', 'arguments', 'output'];

/** What of a request the model reads. Definitions of tools and schemas are counted as the JSON that they are. */
export function contentOfOpenAIRequest(request: unknown): RequestContent {
  const line = asRecord(request);
  const body = asRecord(line?.['body']) ?? {};
  const content: RequestContent = { texts: [], overheadTokens: 0, images: 0 };
  if (line?.['url'] === EMBEDDINGS) {
    addInput(content, body['input']);
    return content;
  }
  addText(content, body['instructions']);
  const conversation = Array.isArray(body['messages']) ? body['messages'] : body['input'];
  if (Array.isArray(conversation)) for (const item of conversation) addItem(content, asRecord(item));
  else addMessage(content, { role: 'user', content: conversation });
  if (asText(body['instructions'])) content.overheadTokens += PER_MESSAGE;
  content.overheadTokens += BEFORE_ANSWER;
  addText(content, body['prompt']);
  for (const name of ['tools', 'functions']) addJson(content, body[name]);
  addJson(content, asRecord(asRecord(body['response_format'])?.['json_schema'])?.['schema']);
  addJson(content, asRecord(asRecord(body['text'])?.['format'])?.['schema']);
  const limit = LIMIT_NAMES.map((name) => asNumber(body[name])).find((value) => value !== undefined);
  if (limit !== undefined) content.maxOutputTokens = limit;
  return content;
}

/** A text, several, or texts that are tokens already. */
function addInput(content: RequestContent, input: unknown): void {
  if (!Array.isArray(input)) return addText(content, input);
  for (const item of input) {
    if (typeof item === 'number') content.overheadTokens += 1;
    else addInput(content, item);
  }
}

function addItem(content: RequestContent, item: Record<string, unknown> | undefined): void {
  if (!item) return;
  if (isMessage(item)) return addMessage(content, item);
  for (const name of TEXT_FIELDS) addText(content, item[name]);
}

function isMessage(item: Record<string, unknown>): boolean {
  return item['type'] === undefined || item['type'] === 'message';
}

function addMessage(content: RequestContent, message: Record<string, unknown>): void {
  content.overheadTokens += PER_MESSAGE;
  addText(content, message['role']);
  if (asText(message['name'])) content.overheadTokens += PER_NAME;
  addText(content, message['name']);
  addParts(content, message['content']);
  const calls: unknown[] = Array.isArray(message['tool_calls']) ? message['tool_calls'] : [];
  for (const call of [...calls.map((item) => asRecord(item)?.['function']), message['function_call']]) {
    addText(content, asRecord(call)?.['name']);
    addText(content, asRecord(call)?.['arguments']);
  }
}

function addParts(content: RequestContent, parts: unknown): void {
  if (!Array.isArray(parts)) return addText(content, parts);
  for (const part of parts.map(asRecord)) {
    const text = part?.['text'] ?? part?.['refusal'];
    if (typeof text === 'string') addText(content, text);
    else if (part) content.images += 1;
  }
}

function addText(content: RequestContent, text: unknown): void {
  if (typeof text === 'string' && text !== '') content.texts.push(text);
}

function addJson(content: RequestContent, value: unknown): void {
  if (typeof value === 'object' && value !== null) content.texts.push(JSON.stringify(value));
}
