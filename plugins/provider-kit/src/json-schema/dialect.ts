import type { JsonSchema } from './types.js';

/** What one provider accepts of JSON Schema, within the rules that all strict modes share. */
export interface SchemaDialect {
  /** The provider's name, for messages. */
  provider: string;
  /** Whether a keyword with this value may stay; the rest goes into the description. */
  keeps(keyword: string, value: unknown): boolean;
  /** Whether a schema may refer to itself. */
  recursion: boolean;
  /** How null joins another type: as `"type": ["string", "null"]` or as a branch of `anyOf`. */
  nullableTypes: boolean;
  /** What becomes of the optional property at a path: required but nullable, or left as it is. */
  optional(path: string): 'nullable' | 'absent';
}

/** A schema that a strict mode accepts. */
export interface StrictSchema {
  schema: JsonSchema;
  /** Set if the root had to be put under a property of a new object. */
  wrappedUnder?: string;
  /** Where the objects of the schema stand in the user's document. */
  origins: WeakMap<JsonSchema, string>;
}
