import type { Message } from '../contract/requests.js';
import { asRecord, asText } from '../wire/read.js';

/** Turns chat messages into the items of the Responses API, which names the parts of a content differently. */
export function toResponsesInput(messages: Message[]): unknown[] {
  return messages.map((message) => {
    if (!Array.isArray(message.content)) return message;
    const own = message.role === 'assistant' ? 'output_text' : 'input_text';
    return { ...message, content: message.content.map((part: unknown) => toResponsesPart(part, own)) };
  });
}

function toResponsesPart(part: unknown, textType: string): unknown {
  const fields = asRecord(part);
  if (fields?.['type'] === 'text') return { ...fields, type: textType };
  // The same fields, but not inside a field of their own.
  if (fields?.['type'] === 'file') return { type: 'input_file', ...asRecord(fields['file']) };
  if (fields?.['type'] !== 'image_url') return part;
  const image = asRecord(fields['image_url']);
  return {
    type: 'input_image',
    image_url: asText(fields['image_url']) ?? image?.['url'],
    detail: asText(image?.['detail']) ?? 'auto',
  };
}
