import type { Message } from '@instructor-cli/provider-kit';
import { visible, visibleLines } from '../text/visible.js';
import { formatBytes } from './format.js';
import { shorten } from './shorten.js';

/** A cell may be a book. */
const LONGEST_TEXT = 2000;
const LONGEST_ROLE = 40;

/** Who says what, of each message that says something; what models and tools pass to each other is shown too. */
export function messageText(message: Message): { who: string; what: string } {
  const { role, content, tool_calls, tool_call_id, name } = message;
  const of = [name, tool_call_id].filter((part) => typeof part === 'string').join(', ');
  const who = `${role}${of === '' ? '' : ` (${of})`}`;
  const said = [...contentTexts(content), ...callTexts(tool_calls)];
  const what = said.length === 0 ? '[nothing]' : said.join('\n');
  return {
    who: visible(shorten(who, LONGEST_ROLE)),
    what: visibleLines(what),
  };
}

function contentTexts(content: unknown): string[] {
  if (content === undefined || content === null) return [];
  if (Array.isArray(content)) return content.map((part) => shorten(partText(part), LONGEST_TEXT));
  return [shorten(textOf(content), LONGEST_TEXT)];
}

function partText(part: unknown): string {
  const { type, text, image_url } = (part ?? {}) as {
    type?: unknown;
    text?: unknown;
    image_url?: { url?: unknown };
  };
  if (type === 'text' && typeof text === 'string') return text;
  const url = image_url?.url;
  if (typeof url !== 'string') return textOf(part);
  const [head = '', mediaType] = /^data:([^;,]*);base64,/.exec(url) ?? [];
  if (mediaType === undefined) return `[image ${url}]`;
  return `[${mediaType}, ${formatBytes(((url.length - head.length) * 3) / 4)}]`;
}

function callTexts(calls: unknown): string[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call) => {
    const { function: called } = (call ?? {}) as { function?: { name?: unknown; arguments?: unknown } };
    if (typeof called?.name !== 'string') return shorten(`[calls ${textOf(call)}]`, LONGEST_TEXT);
    return shorten(`[calls ${called.name} with ${textOf(called.arguments)}]`, LONGEST_TEXT);
  });
}

/** Any value in one text; none says so. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? 'nothing';
}
