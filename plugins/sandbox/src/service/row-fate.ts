import type { FaultName } from '../faults/fault.js';
import { isObject } from '../objects.js';
import type { RowFate, SandboxRow } from '../options.js';
import type { SandboxContext } from './context.js';

const FATES: Partial<Record<FaultName, RowFate>> = {
  'rows-errored': 'errored',
  'rows-failed': 'server_error',
  'rows-expired': 'expired',
  'rows-missing': 'missing',
  'rows-twice': 'twice',
  'rows-status-0': 'status_0',
  'rows-refused': 'refused',
  'rows-truncated': 'truncated',
  'rows-invalid': 'invalid',
};

/** The fate of one row: what the caller wants for it, else a fault, else `expired` once the batch has run out of time. */
export function fateOf(
  context: SandboxContext,
  { place, lastPlace, ...row }: SandboxRow & { place: number; lastPlace: number },
): RowFate {
  const wanted = context.outcome(row);
  if (wanted !== undefined) return wanted;
  const fault = context.faults.strikeRow(row.provider, row);
  const struck = fault && FATES[fault.fault];
  if (struck) return struck;
  return place >= lastPlace ? 'expired' : 'succeeded';
}

/** How many of its rows a batch gets to before it expires; undefined if it has time for all. */
export function expiresAfter(
  context: SandboxContext,
  total: number,
  faults: { expired?: number },
): number | undefined {
  const share = faults.expired ?? (context.endAs === 'expired' ? 0.5 : undefined);
  return share === undefined ? undefined : Math.floor(total * share);
}

/** How often the model has spoken in a conversation. */
export function countTurns(messages: unknown): number {
  if (!Array.isArray(messages)) return 0;
  return messages.filter((message) => isObject(message) && message.role === 'assistant').length;
}
