import type { Batch, BatchFile, StoredFile } from './batch.js';
import type { ProviderDeclaration } from './declaration.js';
import type { ProviderResult } from './outcome.js';
import type {
  CheckedRequest,
  CompiledSchema,
  FollowUp,
  PortableRequest,
  RequestBuilder,
  RequestContent,
  RequestSettings,
  SchemaContext,
} from './requests.js';
import type { JsonSchema } from '../json-schema/index.js';

/** A rule about models: the first whose pattern matches wins. Providers ship theirs as data; a user can put own ones first. */
export interface ModelRule {
  /** A regular expression over the model's name. */
  match: string;
  [trait: string]: unknown;
}

/** What the host hands to a factory. */
export interface ProviderOptions {
  declaration: ProviderDeclaration;
  /** The environment to read keys and addresses from. */
  env: Record<string, string | undefined>;
  /** Model rules of the user, to be asked before the provider's own. */
  models?: ModelRule[];
  /** Name and version of the program, for the user agent. */
  userAgent?: string;
  /** Retries of calls that are safe to repeat. Defaults to 2. */
  maxRetries?: number;
  /** Waiting for an answer ends after this. Milliseconds. */
  timeoutMs?: number;
  /** Told about each pause before a repeated call. */
  onRetry?: (retry: { reason: string; delayMs: number }) => void;
}

/** A plugin's module exports one of these, as default or as `createProvider`. It does no work and needs no key. */
export type ProviderFactory = (options: ProviderOptions) => BatchProvider;

export interface CallOptions {
  signal?: AbortSignal;
}

/** A request file on its way to the provider: JSON Lines, one request a line, each ended by a line feed. */
export interface RequestSource {
  /**
   * Opens it from the start; may be called again for a second try. Each chunk is the reader's own, to change as it
   * likes; with `reuse` only until it asks for the next one.
   */
  open(options?: { reuse?: boolean }): AsyncIterable<Uint8Array>;
  /** Exact size of what `open` yields. */
  bytes: number;
  /** Number of lines. */
  requests: number;
  /** A name for the file, for providers that keep one. Ends in `.jsonl`. */
  name: string;
}

export interface SubmitOptions extends CallOptions {
  source: RequestSource;
  endpoint?: string;
  model?: string;
  /** Collected by the check of each request. */
  traits: string[];
  completionWindow?: string;
  metadata?: Record<string, string>;
  /**
   * A lost answer to the creating call is not looked into: the caller knows more and does that itself. The error then
   * says `outcomeUnknown` at once.
   */
  leaveLost?: boolean;
  /** Lifetime of files that the provider keeps for this batch, in seconds. */
  expiresAfterSeconds?: number;
  /** Bytes sent so far. */
  onProgress?: (sentBytes: number) => void;
  /**
   * The request file is with the provider, but there is no batch yet. A promise is waited for before the batch is
   * created, so that the caller can write down what there is by then.
   */
  onUploaded?: (file: BatchFile) => void | Promise<void>;
  /** What `onUploaded` gave for the same requests before: it is used again instead of sending them once more. */
  uploaded?: BatchFile;
}

export interface ListOptions extends CallOptions {
  /** How many the caller wants in all: choose the page size by it. Without: all there are. */
  limit?: number;
}

export interface OpenFileOptions extends CallOptions {
  /** Start at this byte, if the server can. */
  offset?: number;
  /** Only continue the version of the file that had this validator. */
  ifRange?: string;
}

/** A file that is being read. */
export interface OpenedFile {
  stream: AsyncIterable<Uint8Array>;
  /** Where the stream starts: the offset asked for, or 0 if the server began anew. */
  offset: number;
  /** Size of the whole file, if known. */
  totalBytes?: number;
  /** ETag or the like, to be handed back as `ifRange`. */
  validator?: string;
}

/**
 * A provider. The first group is pure; the second talks to the service and throws `ProviderError`.
 * No call prints, and none is made before the host asked for it.
 */
export interface BatchProvider {
  /** Rewrites a schema to what the model accepts. Throws `SchemaError` where that is impossible. */
  compileSchema(schema: JsonSchema, context: SchemaContext): CompiledSchema;
  /** Throws `RequestSettingsError` if the model rejects what the user asked for. */
  createRequestBuilder(settings: RequestSettings): RequestBuilder;
  /** Checks one parsed line of a request file. Must not throw on anything JSON can hold. */
  checkRequest(request: unknown): CheckedRequest;
  /** Reads one parsed line of a result file. Throws only if no custom id can be found in it. */
  readResult(line: unknown): ProviderResult;
  /**
   * Finds the custom id in the text of a request or result line without parsing it, or gives undefined.
   * Optional: without it every line is parsed once more where only the id is wanted.
   */
  customIdAtStart?(line: string): string | undefined;
  /** Reads one parsed line of a request file into terms that other providers share. Needed to convert from here. */
  readRequest?(request: unknown): PortableRequest;
  /** What of a request is read by the model. Needed to count tokens before anything is sent. */
  contentOf?(request: unknown): RequestContent;
  /** The request again, with one more turn at the end of its conversation. Needed to ask again with a complaint. */
  followUp?(request: unknown, turn: FollowUp): Record<string, unknown>;

  /** Sends the requests and creates the batch. The creating call is made once, never repeated. */
  submit(options: SubmitOptions): Promise<Batch>;
  retrieve(batchId: string, options?: CallOptions): Promise<Batch>;
  /** Newest first, over all pages. */
  list(options?: ListOptions): AsyncIterable<Batch>;
  /** Asks for the end of a batch and returns it as it is afterwards. */
  cancel(batchId: string, options?: CallOptions): Promise<Batch>;
  delete?(batchId: string, options?: CallOptions): Promise<void>;
  deleteFile?(file: BatchFile, options?: CallOptions): Promise<void>;
  openFile(file: BatchFile, options?: OpenFileOptions): Promise<OpenedFile>;
  /** The request files that the provider keeps, newest first, over all pages. */
  listFiles?(options?: ListOptions): AsyncIterable<StoredFile>;
  /**
   * Asks one request at once, outside of any batch and at the ordinary price. Gives a result line, as a batch would
   * have it for this request: `readResult` reads it. A request that the service refuses is such a line too; only
   * what is not about this request (key, quota, connection, a failure of the service) is thrown.
   */
  askNow?(request: unknown, options?: CallOptions): Promise<unknown>;
}
