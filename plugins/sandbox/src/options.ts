import type { Fault } from './faults/fault.js';
import type { UpstreamOptions } from './upstream/upstream.js';

/** Milliseconds that each phase of a batch takes at least. Zero everywhere: as fast as the work allows. */
export interface Timing {
  /** OpenAI: checking the input file. */
  validatingMs: number;
  /** Answering the rows. OpenAI shows them being counted, Anthropic shows nothing until the batch has ended. */
  inProgressMs: number;
  /** OpenAI: between the last row and the result files. */
  finalizingMs: number;
  /** Between the request to cancel and the end. */
  cancellingMs: number;
}

/** About two seconds for a batch: long enough to see its states go by, short enough for a demo. */
export const DEFAULT_TIMING: Timing = {
  validatingMs: 300,
  inProgressMs: 1400,
  finalizingMs: 300,
  cancellingMs: 300,
};

export const ROW_FATES = [
  'succeeded',
  'errored',
  'expired',
  'cancelled',
  'missing',
  'refused',
  'truncated',
  'invalid',
  'server_error',
  'twice',
  'status_0',
] as const;

/**
 * What becomes of a row:
 * - `succeeded`: an answer that fits the schema, if the request carries one
 * - `errored`, `server_error`: the service refuses the row (status 400) or fails at it (status 500)
 * - `expired`, `cancelled`: the row was never run
 * - `missing`: the row is in no result file
 * - `refused`: the model declines to answer
 * - `truncated`: the answer stops in the middle, at the token limit
 * - `invalid`: the answer does not fit the schema of the request
 * - `twice`: answered well, and the result is there twice
 * - `status_0`: OpenAI reports status 0 and no body; Anthropic an internal error
 */
export type RowFate = (typeof ROW_FATES)[number];

export type SandboxProtocol = 'openai' | 'anthropic';

/** A row whose fate is asked for. */
export interface SandboxRow {
  customId: string;
  /** Its place among the requests, from 0. */
  index: number;
  provider: SandboxProtocol;
  /** How often the model has answered in its conversation already: 0 when it is asked for the first time. */
  turns: number;
}

export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** The address to listen on; 127.0.0.1 by default. */
  host?: string;
  /** Answers and the order of result lines follow from it: the same seed gives the same answers. */
  seed?: number | string;
  timing?: Partial<Timing>;
  /**
   * A folder that keeps everything: a sandbox that starts on it again goes on where the last one stopped, however that
   * ended. By default a temporary folder, which is removed on close.
   */
  dataDir?: string;
  /** Decides the fate of single rows; undefined leaves a row to the normal course of things. */
  outcome?: (row: SandboxRow) => RowFate | undefined;
  /** `expired`: half of the rows are not answered before the completion window ends. */
  endAs?: 'completed' | 'expired';
  /** How it misbehaves. Without them it goes on with those that it had when it last used its `dataDir`. */
  faults?: readonly Fault[];
  /** A chat endpoint that answers instead of the sandbox. */
  upstream?: UpstreamOptions;
  /** The hint that Anthropic sends with a batch in progress, in seconds; 10 by default, as the real one. */
  retryAfterSeconds?: number;
  /** Receives one line per request and per change of a batch. */
  log?: (line: string) => void;
}
