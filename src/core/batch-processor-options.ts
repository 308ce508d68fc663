import type { BatchFile, Message } from '@instructor-cli/provider-kit';
import type { CollectOptions } from './collect-results.js';
import type { InputRow } from './create-requests.js';
import type { JoinInput } from './join-input.js';
import type { ResultSummary } from './result-summary.js';
import type { RetryRules } from './retry-decision.js';
import type { SubmitSettings } from './submit-requests.js';

export interface BatchProcessorOptions {
  /** Where keys and addresses are read from. Defaults to the environment of the process. */
  env?: Record<string, string | undefined>;
  /** Package names of provider plugins beside the bundled ones, found from the working directory. */
  plugins?: string[];
  /** Which endpoint the requests address. Defaults to the provider's first. */
  endpoint?: string;
}

/** Text messages, or a row with an id and parameters of its own. */
export type MessageRow =
  Message[] | { messages: Message[]; custom_id?: string; [parameter: string]: unknown };

export interface CreateBatchOptions {
  /** All conversations at once. */
  messagesList?: Iterable<MessageRow>;
  /** Or one after the other, for more than fits in memory. */
  messages?: AsyncIterable<MessageRow> | Iterable<MessageRow>;
  /** Where the requests go. Defaults to `batch_requests.jsonl`. */
  filePath?: string;
  /** Replace the file if it exists. */
  force?: boolean;
  /** Tokens. Defaults to 1000. */
  maxTokens?: number;
  /** Defaults to 0.1 where the model takes a temperature. */
  temperature?: number;
  /** Ids in the order of the conversations. Defaults to `request-0`, `request-1` … */
  customIds?: readonly string[];
  /** Further parameters in the provider's own terms. */
  params?: Record<string, unknown>;
  signal?: AbortSignal;
}

export interface CreateFromRowsOptions {
  rows: AsyncIterable<InputRow[]>;
  path: string;
  /** What the rows come from, for messages. */
  rowsName: string;
  /** The file that they come from, which must not be written. */
  rowsPath?: string;
  /** What places in them are called. */
  places?: 'line' | 'row';
  /** Rows that no request can be made of go into a file beside the output instead of being problems. */
  skipBadRows?: boolean;
  force?: boolean;
  idKey?: string;
  maxTokens?: { value: number; explicit: boolean };
  temperature?: { value: number; explicit: boolean };
  params?: Record<string, unknown>;
  signal?: AbortSignal;
}

export interface SubmitBatchOptions extends SubmitSettings {
  /** False sends the file without looking for mistakes first. */
  validate?: boolean;
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  onUploaded?: (file: BatchFile) => void | Promise<void>;
  signal?: AbortSignal;
}

export interface ResultsOptions extends Partial<
  Pick<CollectOptions, 'onProgress' | 'onResume' | 'onUnreadable' | 'signal'>
> {
  /** The file that was submitted, or several: gives the order of the rows and shows the missing ones. */
  requestsFile?: string | readonly string[];
  /** The table that the requests were made of: answers come beside its rows and in their order. */
  join?: JoinInput;
  /** Use the batch's own input file for that where the provider keeps it. Defaults to true. */
  useInputFile?: boolean;
  /** Filled while the rows are read. */
  summary?: ResultSummary;
  /** What the user should know. */
  onNote?: (note: string) => void;
}

export interface RetryRequestsOptions extends Partial<
  Pick<CollectOptions, 'onProgress' | 'onResume' | 'onUnreadable' | 'signal'>
> {
  /** The file that was submitted first. */
  requestsFile: string;
  /** Where the new requests go. */
  path: string;
  force?: boolean;
  rules: RetryRules;
  /** A new limit for answers that are asked for with a complaint. */
  maxTokens?: number;
}
