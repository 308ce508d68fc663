import type { Message } from '@instructor-cli/provider-kit';
import { cellOf } from '../../rows/cell-of.js';
import { parseExactly } from '../../rows/exact-number.js';
import { imagePart } from './image-part.js';
import { RowProblem, type Template } from './template.js';

/** How a row becomes a conversation. */
export interface ConversationSettings {
  prompt?: Template;
  system?: Template;
  /** The column that holds a list of messages, as such or as JSON. */
  messagesColumn?: string;
  /** The column with one image or a list of them. */
  imageColumn?: string;
  /** Where relative names of images begin. */
  imageFolder: string;
}

/** Throws a `RowProblem` for a row that none can be made of. */
export function conversationOfRow(
  values: Record<string, unknown>,
  settings: ConversationSettings,
): Message[] {
  const { system, messagesColumn } = settings;
  const messages = messagesColumn === undefined ? [] : messagesIn(values, messagesColumn);
  if (settings.prompt || messagesColumn === undefined) messages.push(userMessage(values, settings));
  else addImages(messages, imagesIn(values, settings));
  const instructions = system?.render(values);
  if (instructions === undefined || instructions.trim() === '') return messages;
  return [{ role: 'system', content: instructions }, ...messages];
}

function userMessage(values: Record<string, unknown>, settings: ConversationSettings): Message {
  const { prompt } = settings;
  const text = prompt?.render(values) ?? '';
  const images = imagesIn(values, settings);
  // The words around the columns ask nothing by themselves.
  if (
    prompt &&
    images.length === 0 &&
    !prompt.wholeRow &&
    prompt.columns.length > 0 &&
    prompt.columns.every((name) => isBlank(cellOf(values, name)))
  )
    throw new RowProblem(
      'empty_prompt',
      `the prompt is empty: nothing in ${prompt.columns.map((name) => `"${name}"`).join(', ')}`,
    );
  if (text.trim() === '' && images.length === 0) throw new RowProblem('empty_prompt', 'the prompt is empty');
  if (images.length === 0) return { role: 'user', content: text };
  return { role: 'user', content: [...images, ...textParts(text)] };
}

/** Puts images before what the user said last, as they stand before a prompt. */
function addImages(messages: Message[], images: readonly unknown[]): void {
  if (images.length === 0) return;
  const last = messages.findLastIndex((message) => (message as Message | null)?.role === 'user');
  const message = messages[last];
  if (!message) {
    messages.push({ role: 'user', content: [...images] });
    return;
  }
  const { content } = message;
  const said = typeof content === 'string' ? textParts(content) : [content ?? []].flat();
  messages[last] = { ...message, content: [...images, ...said] };
}

function textParts(text: string): unknown[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function imagesIn(
  values: Record<string, unknown>,
  { imageColumn, imageFolder }: ConversationSettings,
): unknown[] {
  const cell = imageColumn === undefined ? undefined : cellOf(values, imageColumn);
  if (cell === undefined || cell === null || cell === '') return [];
  return [cell].flat().map((image: unknown) => {
    if (typeof image === 'string') return imagePart(image, imageFolder);
    throw new RowProblem('invalid_image', `"${imageColumn}" is neither a text nor a list of texts`);
  });
}

function messagesIn(values: Record<string, unknown>, column: string): Message[] {
  const value = cellOf(values, column);
  if (value === undefined || value === null || value === '')
    throw new RowProblem('missing_column', `has no "${column}"`);
  const messages = typeof value === 'string' ? parse(value, column) : value;
  if (Array.isArray(messages)) return [...(messages as Message[])];
  throw new RowProblem('invalid_messages', `"${column}" is not a list of messages`);
}

function parse(text: string, column: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    throw new RowProblem('invalid_messages', `"${column}" is not JSON: ${(error as Error).message}`);
  }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
