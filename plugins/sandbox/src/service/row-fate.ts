import type { RowFate, SandboxProtocol } from '../options.js';
import type { SandboxContext } from './context.js';

/** The fate of one row: what the caller wants for it, else `expired` once the batch has run out of time. */
export function fateOf(
  context: SandboxContext,
  row: { customId: string; index: number; provider: SandboxProtocol; place: number; total: number },
): RowFate {
  const { customId, index, provider } = row;
  const wanted = context.outcome({ customId, index, provider });
  if (wanted !== undefined) return wanted;
  return context.endAs === 'expired' && row.place >= Math.floor(row.total / 2) ? 'expired' : 'succeeded';
}
