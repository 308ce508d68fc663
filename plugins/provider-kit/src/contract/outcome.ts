import type { Usage } from './batch.js';

export const OUTCOMES = [
  'succeeded',
  'invalid',
  'refused',
  'truncated',
  'errored',
  'cancelled',
  'expired',
  'missing',
] as const;

/**
 * What became of one request. `invalid` (the answer does not fit the schema) and `missing` (no answer at all)
 * are found by the host; a provider reports the others.
 */
export type Outcome = (typeof OUTCOMES)[number];

export interface RowError {
  /** A stable word to branch and to group on. */
  type: string;
  message: string;
  code?: string;
  /** The HTTP status that the provider recorded for this request. */
  status?: number;
  requestId?: string;
  /** The same request may well succeed if it is sent again: the reason lies with the service, or will pass. */
  retryable?: boolean;
}

/** What a model said. */
export type Answer =
  | { kind: 'text'; text: string }
  /** Already structured by the protocol, such as the arguments of a forced tool call. */
  | { kind: 'object'; value: unknown }
  /** Numbers and the like that are passed on as they came: embeddings, moderations. */
  | { kind: 'data'; value: unknown };

/** One line of a result file, the same for every provider. */
export interface ProviderResult {
  customId: string;
  outcome: Exclude<Outcome, 'invalid' | 'missing'>;
  /** Also set for `truncated`, with the part that came. */
  answer?: Answer;
  error?: RowError;
  usage?: Usage;
  model?: string;
  finishReason?: string;
}
