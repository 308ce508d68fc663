import type { SandboxProtocol } from '../options.js';
import type { FaultName } from './fault.js';
import type { FaultList } from './fault-list.js';

/** What will go wrong with a batch; decided when it is created, and kept with it. */
export interface BatchFaults {
  /** OpenAI: it fails, with so many faulty lines. */
  invalid?: { lines: number; code?: string };
  /** It expires when this share of its rows is answered. */
  expired?: number;
  /** Its results are not to be had. */
  nullOutput?: true;
  /** Its counts are wrong by so many. */
  countsOff?: number;
  /** It waits before it ends: so many milliseconds, or else until it is released. */
  stuck?: { ms?: number };
  /** Lists do not show it before this time, in milliseconds. */
  listedAt?: number;
}

const NAMES: FaultName[] = [
  'validation-failed',
  'expired',
  'null-output',
  'counts-off',
  'stuck-finalizing',
  'stale-list',
];

export function strikeBatch(faults: FaultList, protocol: SandboxProtocol): BatchFaults {
  const struck: BatchFaults = {};
  for (const fault of faults.strike(NAMES, { protocol })) {
    if (fault.fault === 'validation-failed') struck.invalid = { lines: fault.lines ?? 1, code: fault.code };
    if (fault.fault === 'expired') struck.expired = fault.answered ?? 0.5;
    if (fault.fault === 'null-output') struck.nullOutput = true;
    if (fault.fault === 'counts-off') struck.countsOff = fault.by ?? 1;
    if (fault.fault === 'stuck-finalizing') struck.stuck = { ms: fault.ms };
    if (fault.fault === 'stale-list') struck.listedAt = Date.now() + (fault.ms ?? 0);
  }
  return struck;
}

/** Whether lists show a batch already. */
export function isListed({ listedAt }: BatchFaults): boolean {
  return listedAt === undefined || Date.now() >= listedAt;
}
