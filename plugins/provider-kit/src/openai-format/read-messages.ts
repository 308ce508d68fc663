import type { Message } from '../contract/requests.js';
import { asRecord, asText } from '../wire/read.js';

/** The neutral part of a conversation, and the names of what was left out of it, such as `messages: tool_calls`. */
export interface ReadMessages {
  messages: Message[];
  rest: string[];
}

/** Roles that only make sense beside tools. */
const TOOL_ROLES = ['tool', 'function'];

/** Chat messages, without what other providers have no form for. */
export function readChatMessages(value: unknown): ReadMessages {
  return readConversation(value, 'messages', chatPart);
}

/** The input of the Responses API, as chat messages. */
export function readResponsesInput(value: unknown): ReadMessages {
  const items = typeof value === 'string' ? [{ role: 'user', content: value }] : (value ?? []);
  return readConversation(items, 'input', responsesPart);
}

/** Gives undefined for a part that has no neutral form. */
type PartReader = (part: Record<string, unknown>) => unknown;

function readConversation(value: unknown, name: string, readPart: PartReader): ReadMessages {
  const messages: Message[] = [];
  const rest = new Set<string>();
  for (const item of (Array.isArray(value) ? value : [value]).map(asRecord)) {
    const { type = 'message', role, content, ...others } = item ?? {};
    if (type !== 'message' || typeof role !== 'string' || TOOL_ROLES.includes(role)) {
      const kind = type === 'message' ? asText(role) : asText(type);
      rest.add(kind === undefined ? name : `${name}: ${kind}`);
      continue;
    }
    for (const key of Object.keys(others)) if (isSet(others[key])) rest.add(`${name}: ${key}`);
    if (!Array.isArray(content)) {
      if (typeof content === 'string') messages.push({ role, content });
      else if (isSet(content)) rest.add(`${name}: content`);
      continue;
    }
    const parts = content.map((part: unknown) => {
      const fields = asRecord(part) ?? {};
      const read = readPart(fields);
      if (read === undefined) rest.add(`${name}: ${asText(fields['type']) ?? 'content'}`);
      return read;
    });
    const kept = parts.filter((part) => part !== undefined);
    if (kept.length > 0 || parts.length === 0) messages.push({ role, content: kept });
  }
  return { messages, rest: [...rest] };
}

function chatPart(part: Record<string, unknown>): unknown {
  return part['type'] === 'text' || part['type'] === 'image_url' ? part : undefined;
}

function responsesPart(part: Record<string, unknown>): unknown {
  const { type, detail } = part;
  if (type === 'input_text' || type === 'output_text') return { type: 'text', text: part['text'] };
  const url = asText(part['image_url']);
  if (type !== 'input_image' || url === undefined) return undefined;
  // The builder writes `auto` where a chat message says nothing.
  return { type: 'image_url', image_url: isSet(detail) && detail !== 'auto' ? { url, detail } : { url } };
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
