import type { JsonSchema } from '../json-schema/index.js';
import type { Answer } from './outcome.js';

/** A message of a conversation, in the form users write it: OpenAI's chat form, which every provider converts from. */
export interface Message {
  role: string;
  content: unknown;
  [key: string]: unknown;
}

/** What a user wants to ask in one row. */
export interface RequestInput {
  customId: string;
  /** Absent for endpoints that have no conversation. */
  messages?: Message[];
  /** What an embedding is made of. */
  input?: unknown;
  /** Parameters of this row alone, in the provider's own terms; they win over those of the batch. */
  params?: Record<string, unknown>;
}

/** A setting, and whether the user asked for it: what they did not ask for may be dropped silently. */
export interface Setting<T> {
  value: T;
  explicit: boolean;
}

/** What all rows of a request file share. */
export interface RequestSettings {
  model: string;
  endpoint?: string;
  maxTokens?: Setting<number>;
  temperature?: Setting<number>;
  topP?: number;
  /** Texts that end an answer. */
  stop?: string[];
  /** Further parameters in the provider's own terms. */
  params?: Record<string, unknown>;
  schema?: CompiledSchema;
}

/** A schema in the dialect that one provider and model accept, and the way back. */
export interface CompiledSchema {
  /** The schema as it is sent. */
  schema: JsonSchema;
  /** Matches `^[a-zA-Z0-9_-]{1,64}$`. */
  name: string;
  description?: string;
  /** How it travels: as the answer's format, or as the input of a tool that the model has to call. */
  mode: 'format' | 'tool';
  /** What the provider does not enforce: it was moved to a description and is checked on the answer. */
  dropped: SchemaChange[];
  /** Undoes what the compilation did to the shape: unwraps the root, turns an optional null into absence. */
  decode: (value: unknown) => unknown;
}

export interface SchemaChange {
  /** Where in the user's schema, such as `/properties/age`. */
  path: string;
  keyword: string;
  message: string;
}

export interface SchemaContext {
  model: string;
  endpoint?: string;
  name: string;
}

/** Something wrong with a request, before it is sent. */
export interface RequestProblem {
  /** A stable word, such as `missing_field`. */
  code: string;
  message: string;
  /** What to do about it. */
  fix?: string;
}

/** Facts about one checked request. */
export interface CheckedRequest {
  problems: RequestProblem[];
  customId?: string;
  model?: string;
  endpoint?: string;
  /** Words of the provider's own that `submit` needs to know, collected over all requests of a file. */
  traits?: string[];
}

/** Turns rows into request lines. Made once for a file, then called for every row: keep it fast. */
export interface RequestBuilder {
  build(input: RequestInput): Record<string, unknown>;
  /** Things the user should know about all requests, such as a default that was dropped. */
  notes: string[];
}

/** What a request asks for, in terms that every provider shares. */
export interface PortableRequest {
  customId: string;
  model?: string;
  endpoint?: string;
  /** In OpenAI's chat form. */
  messages?: Message[];
  /** What an embedding is made of. */
  input?: unknown;
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  stop?: string[];
  schema?: { name: string; description?: string; schema: JsonSchema };
  /** The names of what else is in the request, such as `seed` or `tools`: it has no place here. */
  rest: string[];
}

/** What a request costs to read, as far as the request itself can tell. */
export interface RequestContent {
  /** Everything in it that the model reads as text: messages, tools, schemas. */
  texts: string[];
  /** Tokens that the form of a conversation takes beside its texts. */
  overheadTokens: number;
  /** Images and other parts that no tokenizer counts. */
  images: number;
  /** The longest answer that it allows, in tokens. */
  maxOutputTokens?: number;
}

/** One more turn of a conversation: what came back, and what was wrong with it. */
export interface FollowUp {
  /** What the model said; absent if there was nothing. */
  answer?: Answer;
  /** What the model is told about it. */
  complaint: string;
  /** A new limit for the answer, in tokens. */
  maxTokens?: number;
}
