import type { Message } from '@instructor-cli/provider-kit';
import { asRecord, asText } from '@instructor-cli/provider-kit/wire';

/** A conversation in OpenAI's chat form, and the names of what was left out of it, such as `messages: tool_use`. */
export interface ReadMessages {
  messages: Message[];
  rest: string[];
}

/** Undoes `toConversation`: the system prompt becomes the first message again, and images become chat parts. */
export function readMessages(system: unknown, value: unknown): ReadMessages {
  const messages: Message[] = [];
  const rest = new Set<string>();
  const add = (role: string, content: unknown, name: string): void => {
    const read = readContent(content, name, rest);
    if (read !== undefined) messages.push({ role, content: read });
  };
  if (isSet(system)) add('system', system, 'system');
  for (const item of (Array.isArray(value) ? value : []).map(asRecord)) {
    const { role, content, ...others } = item ?? {};
    for (const key of Object.keys(others)) if (isSet(others[key])) rest.add(`messages: ${key}`);
    if (typeof role === 'string') add(role, content, 'messages');
    else rest.add('messages');
  }
  if (isSet(value) && !Array.isArray(value)) rest.add('messages');
  return { messages, rest: [...rest] };
}

/** Gives undefined if nothing of it has a neutral form. */
function readContent(content: unknown, name: string, rest: Set<string>): unknown {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) {
    rest.add(name);
    return undefined;
  }
  const parts = content.map((block: unknown) => {
    const fields = asRecord(block) ?? {};
    const part = readBlock(fields);
    if (part === undefined) rest.add(`${name}: ${asText(fields['type']) ?? 'content'}`);
    else if (isSet(fields['cache_control'])) rest.add(`${name}: cache_control`);
    return part;
  });
  const kept = parts.filter((part) => part !== undefined);
  return kept.length > 0 || parts.length === 0 ? kept : undefined;
}

function readBlock(block: Record<string, unknown>): unknown {
  if (block['type'] === 'text') return { type: 'text', text: block['text'] };
  const source = asRecord(block['source']);
  if (block['type'] !== 'image' || !source) return undefined;
  const data = asText(source['data']);
  const url =
    source['type'] === 'base64' && data !== undefined
      ? `data:${asText(source['media_type']) ?? 'image/png'};base64,${data}`
      : source['type'] === 'url'
        ? asText(source['url'])
        : undefined;
  return url === undefined ? undefined : { type: 'image_url', image_url: { url } };
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
