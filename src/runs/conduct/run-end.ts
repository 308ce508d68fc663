import type { StopCode } from '../store/events.js';

/** How the work of this process on a run ends. */
export type RunEnd =
  /** Every row has what it gets. */
  | { kind: 'settled' }
  /** It goes no further for a reason that the user has to see to. */
  | { kind: 'stopped'; code: StopCode; message: string; cause?: unknown }
  /** What could be sent is sent; the rest is for another process. */
  | { kind: 'detached'; waiting: number; why?: string };
