import type { RowFate, SandboxRow } from '../options.js';
import { isObject } from '../objects.js';
import type { SandboxContext } from './context.js';

/** The fate of one row: what the caller wants for it, else `expired` once the batch has run out of time. */
export function fateOf(
  context: SandboxContext,
  { place, total, ...row }: SandboxRow & { place: number; total: number },
): RowFate {
  const wanted = context.outcome(row);
  if (wanted !== undefined) return wanted;
  return context.endAs === 'expired' && place >= Math.floor(total / 2) ? 'expired' : 'succeeded';
}

/** How often the model has spoken in a conversation. */
export function countTurns(messages: unknown): number {
  if (!Array.isArray(messages)) return 0;
  return messages.filter((message) => isObject(message) && message.role === 'assistant').length;
}
