/** The contract this kit describes. A plugin states it in its package.json; the host skips what it does not know. */
export const CONTRACT_VERSION = 1;

/** Whether an operation exists, and the sentence a user reads about it. */
export interface Capability {
  supported: boolean;
  note?: string;
}

/** How much metadata a batch can carry. Absent from the declaration means: none at all. */
export interface MetadataLimits {
  maxPairs: number;
  /** In characters. */
  maxKeyLength: number;
  /** In characters. */
  maxValueLength: number;
}

export const OPERATIONS = ['list', 'create', 'cancel', 'delete', 'deleteFiles', 'results', 'direct'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Capabilities {
  list: Capability;
  create: Capability;
  cancel: Capability;
  delete: Capability;
  /** Removing the files of a batch, where a provider keeps them apart from it. */
  deleteFiles?: Capability;
  results: Capability;
  /** Asking single requests outside of any batch (`askNow`). */
  direct?: Capability;
  metadata?: MetadataLimits;
  /** The lifetime of a batch's files can be set, between these bounds. */
  expiry?: { minSeconds: number; maxSeconds: number };
  /** Answers of a batch that expired or was cancelled can be fetched. */
  partialResults: boolean;
}

export interface Limits {
  /** Requests in one batch. */
  requests?: number;
  /** Bytes of one request file. */
  bytes?: number;
  /** A regular expression that every custom id has to match. */
  customId?: string;
  oneModelPerBatch?: boolean;
  /** Input tokens of all requests of a batch together, where the service has such a limit for everybody. */
  tokens?: number;
}

export const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;

/** How the tokens of some models are counted. */
export interface Tokenizer {
  /** A regular expression over the model's name. */
  match: string;
  encoding: (typeof ENCODINGS)[number];
  /** Set where the model's own tokenizer is not public: counts are multiplied by `factor` and may be wrong by this. */
  errorPercent?: number;
  factor?: number;
}

/** One provider, as its plugin declares it in package.json under `instructor.providers`. */
export interface ProviderDeclaration {
  /** What a user types: `--provider ID`, `--model ID/model`. Lower-case letters, digits, dashes. */
  id: string;
  /** The name people know it by. */
  name: string;
  /** The file that exports the factory, relative to the plugin's folder. */
  module: string;
  /** Environment variables that hold a key. One of them is enough; an empty list means that none is needed. */
  credentials: string[];
  /** Environment variable that moves the provider to another address. */
  baseUrlEnv?: string;
  /** The model that is used when the user names none. */
  defaultModel?: string;
  /** A regular expression for the ids of its batches. */
  batchIdPattern?: string;
  /** A public protocol it speaks. The sandbox stands in for providers that name one it knows. */
  protocol?: string;
  /** Keys that every request line of this provider has: they tell whose request file it is. */
  requestKeys?: string[];
  /** The names of the count columns, as keys of `Batch.counts`. */
  counts: string[];
  /** Completion windows that it accepts; the first is its default. Absent: it has no such setting. */
  completionWindows?: string[];
  /** Endpoints that a batch may address; the first is the default. */
  endpoints?: string[];
  capabilities: Capabilities;
  limits: Limits;
  /** The first whose pattern matches counts. Absent: tokens are not counted. */
  tokenizers?: Tokenizer[];
  /** A JSON file of prices (`PriceList`) in the plugin's folder. Absent: prices are unknown. */
  prices?: string;
}

/** The `instructor` key of a plugin's package.json. */
export interface PluginDeclaration {
  contract: number;
  providers: ProviderDeclaration[];
}
