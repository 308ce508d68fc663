import type { ObstacleFacts } from './obstacle.js';

export const BATCH_STATUSES = [
  'pending',
  'processing',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

const ENDED: ReadonlySet<string> = new Set<BatchStatus>(['completed', 'failed', 'cancelled', 'expired']);

/** Whether nothing more will happen to a batch in this status. */
export function hasEnded(status: BatchStatus): boolean {
  return ENDED.has(status);
}

/** A reason that the provider gives for refusing a batch or a part of it. */
export interface BatchProblem extends ObstacleFacts {
  code?: string;
  message: string;
  /** Line of the request file, counted from 1. */
  line?: number;
  param?: string;
}

export type BatchFileKind = 'input' | 'output' | 'errors';

/** A file that belongs to a batch. `id` is whatever the provider needs to open it again. */
export interface BatchFile {
  kind: BatchFileKind;
  id: string;
}

/** A file that the provider keeps, whether or not a batch uses it. */
export interface StoredFile extends BatchFile {
  name?: string;
  /** Size in bytes. */
  bytes?: number;
  created?: Date;
  /** When the provider removes it. */
  expires?: Date;
}

/** Tokens. What a provider does not report stays undefined: unknown is not zero. */
export interface Usage {
  /** All input tokens, cached ones included. */
  inputTokens?: number;
  /** The part of the input that was read from a cache. */
  cachedInputTokens?: number;
  /** All output tokens, reasoning included. */
  outputTokens?: number;
  /** The part of the output that was spent on reasoning. */
  reasoningTokens?: number;
}

/** The moments in the life of a batch; unknown ones are absent. */
export interface BatchTimes {
  created?: Date;
  started?: Date;
  finalizing?: Date;
  cancelling?: Date;
  /** When it ended, however it ended. */
  ended?: Date;
  /** When the provider gives up on it. */
  expires?: Date;
  /** When the answers were or will be removed. */
  archived?: Date;
}

/** One batch, the same for every provider. */
export interface Batch {
  id: string;
  status: BatchStatus;
  /** The provider's own word. */
  rawStatus: string;
  /** True if this kit did not know `rawStatus` and `status` is a guess. */
  unknownStatus?: boolean;
  endpoint?: string;
  model?: string;
  completionWindow?: string;
  times: BatchTimes;
  /** The provider's own counts: at least those that its declaration lists, under these names. */
  counts: Record<string, number | undefined>;
  /** The same facts in terms every provider shares. */
  requests: { total?: number; succeeded?: number; failed?: number; processing?: number };
  usage?: Usage;
  metadata?: Record<string, string>;
  /** Why it failed, in the provider's words. */
  problems: BatchProblem[];
  files: BatchFile[];
  /** The provider's wish for the pause before the next look, in seconds. */
  pollAfterSeconds?: number;
  /** What the provider sent. */
  raw: unknown;
}
