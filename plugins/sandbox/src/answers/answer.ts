import type { RowFate } from '../options.js';
import type { Random } from '../random.js';
import { isObject } from '../objects.js';
import { generateValue } from './value.js';
import { violate } from './violate.js';
import { words } from './words.js';

/** What has to be answered. */
export interface Question {
  /** The JSON Schema that the answer has to fit. */
  schema?: unknown;
  /** What the user said last. */
  prompt: string;
}

const QUOTED_LENGTH = 80;

/** The text of an answer. With a schema it is JSON. */
export function composeText(question: Question, fate: RowFate, random: Random): string {
  if (question.schema === undefined) {
    const quoted = question.prompt.replace(/\s+/g, ' ').trim().slice(0, QUOTED_LENGTH);
    const text = `Sandbox answer to "${quoted}": ${words(random, random.integer(4, 9))}.`;
    return fate === 'truncated' ? cut(text) : text;
  }
  const value = generateValue(question.schema, random);
  if (fate === 'invalid') return JSON.stringify(violate(value, question.schema, random));
  const text = JSON.stringify(value);
  return fate === 'truncated' ? cut(text) : text;
}

/** The start of a text, as a model leaves it at its token limit: JSON cut this way cannot be parsed. */
function cut(text: string): string {
  return text.slice(0, Math.max(1, Math.floor(text.length * 0.6)));
}

/** The words of the last message that a user wrote, whatever form its content has. */
export function lastUserText(messages: unknown): string {
  if (typeof messages === 'string') return messages;
  if (!Array.isArray(messages)) return '';
  const message: unknown =
    messages.findLast((item) => isObject(item) && item.role === 'user') ?? messages.at(-1);
  return isObject(message) ? contentText(message.content) : '';
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
    .filter(Boolean)
    .join(' ');
}

export const REFUSAL = "I'm sorry, but I can't help with that request.";
