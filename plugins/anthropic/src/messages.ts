import type { Message } from '@instructor-cli/provider-kit';
import { asRecord, asText } from '@instructor-cli/provider-kit/wire';

export interface Conversation {
  system?: string | unknown[];
  messages: Message[];
}

/** Moves system messages to where Anthropic wants them and turns image parts into its own form. */
export function toConversation(messages: Message[]): Conversation {
  const systems: unknown[] = [];
  const rest: Message[] = [];
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') systems.push(message.content);
    else
      rest.push(
        Array.isArray(message.content) ? { ...message, content: message.content.map(toBlock) } : message,
      );
  }
  if (systems.length === 0) return { messages: rest };
  if (systems.every((content) => typeof content === 'string'))
    return { system: systems.join('\n\n'), messages: rest };
  const blocks = systems.flatMap((content) =>
    typeof content === 'string'
      ? [{ type: 'text', text: content }]
      : Array.isArray(content)
        ? (content as unknown[])
        : [content],
  );
  return { system: blocks, messages: rest };
}

function toBlock(part: unknown): unknown {
  const fields = asRecord(part);
  if (fields?.['type'] !== 'image_url') return part;
  const url = asText(fields['image_url']) ?? asText(asRecord(fields['image_url'])?.['url']) ?? '';
  const inline = /^data:([^;,]+)(?:;[^;,]*)*;base64,(.*)$/s.exec(url);
  const source = inline ? { type: 'base64', media_type: inline[1], data: inline[2] } : { type: 'url', url };
  return { type: 'image', source };
}
