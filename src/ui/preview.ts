import type { RequestPreview } from '../core/preview-requests.js';
import { visible, visibleLines } from '../text/visible.js';
import { messageText, textOf } from './message-text.js';
import { shorten } from './shorten.js';
import { paint } from './terminal.js';

/** Parameters are shown in one line each, cut here. */
const LONGEST_VALUE = 200;
/** What a conversation is made of is shown as such. */
const CONVERSATION = new Set(['messages', 'input', 'system']);

/** A finished request as a person would read it: who says what, then what else is asked. */
export function renderPreview(
  { line, customId, messages, request }: RequestPreview,
  place: PreviewPlace,
): string {
  const title = paint(process.stdout, 'bold', visible(shorten(customId, LONGEST_VALUE)));
  const where = place.places === 'row' ? `${place.file}, row ${line}` : `${place.file}:${line}`;
  const lines = [`${title}  ${paint(process.stdout, 'dim', visible(where))}`];
  for (const message of messages) {
    const { who, what } = messageText(message);
    lines.push(`${paint(process.stdout, 'cyan', `${who}:`)} ${indent(what)}`);
  }
  for (const [name, value] of parametersOf(request, messages.length > 0)) {
    const text = shorten(textOf(value), LONGEST_VALUE);
    lines.push(paint(process.stdout, 'dim', `${visible(name)}: ${indent(visibleLines(text))}`));
  }
  return lines.join('\n');
}

/** What the rows come from, and what a place in it is called. */
export interface PreviewPlace {
  file: string;
  places?: 'line' | 'row';
}

/** The request's own body lies one level deep, whatever the provider calls it. */
function parametersOf(request: Record<string, unknown>, hasMessages: boolean): [string, unknown][] {
  const body = [request['body'], request['params']].find(
    (inner) => typeof inner === 'object' && inner !== null,
  );
  return Object.entries(body ?? request).filter(([name]) => !(hasMessages && CONVERSATION.has(name)));
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
