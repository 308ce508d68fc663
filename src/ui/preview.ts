import type { RequestPreview } from '../core/preview-requests.js';
import { visibleLines } from '../text/visible.js';
import { formatBytes } from './format.js';
import { paint } from './terminal.js';

/** Parameters are shown in one line each, cut here. */
const LONGEST_VALUE = 200;
/** What a conversation is made of is shown as such. */
const CONVERSATION = new Set(['messages', 'input', 'system']);

/** A finished request as a person would read it: who says what, then what else is asked. */
export function renderPreview({ line, customId, messages, request }: RequestPreview, file: string): string {
  const title = paint(process.stdout, 'bold', visibleLines(customId));
  const lines = [`${title}  ${paint(process.stdout, 'dim', `${file}:${line}`)}`];
  for (const { role, content } of messages) {
    lines.push(`${paint(process.stdout, 'cyan', `${role}:`)} ${indent(visibleLines(contentText(content)))}`);
  }
  for (const [name, value] of parametersOf(request)) {
    lines.push(paint(process.stdout, 'dim', `${name}: ${shorten(visibleLines(textOf(value)))}`));
  }
  return lines.join('\n');
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return textOf(content);
  return content.map(partText).join('\n');
}

function partText(part: unknown): string {
  const { type, text, image_url } = part as { type?: string; text?: string; image_url?: { url?: string } };
  if (type === 'text' && typeof text === 'string') return text;
  const url = image_url?.url;
  if (url === undefined) return textOf(part);
  const [, mediaType, data = ''] = /^data:([^;,]*);base64,(.*)$/s.exec(url) ?? [];
  return mediaType === undefined ? `[image ${url}]` : `[${mediaType}, ${formatBytes((data.length * 3) / 4)}]`;
}

/** The request's own body lies one level deep, whatever the provider calls it. */
function parametersOf(request: Record<string, unknown>): [string, unknown][] {
  const body = [request['body'], request['params']].find(
    (inner) => typeof inner === 'object' && inner !== null,
  );
  return Object.entries(body ?? request).filter(([name]) => !CONVERSATION.has(name));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

function shorten(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 3)}...` : text;
}
