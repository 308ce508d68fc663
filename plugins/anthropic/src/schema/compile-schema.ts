import {
  createDecoder,
  compileStrict,
  schemaName,
  type JsonSchema,
} from '@instructor-cli/provider-kit/json-schema';
import type { CompiledSchema, SchemaChange, SchemaContext } from '@instructor-cli/provider-kit';
import { anthropicDialect } from './dialect.js';
import { fitLimits } from './fit-limits.js';
import { toolSchema } from './tool-schema.js';

export interface CompileOptions {
  /** `format` for models with structured output, `tool` for older ones, which are made to call a tool instead. */
  mode: CompiledSchema['mode'];
}

/**
 * Rewrites a schema into what Anthropic accepts. As an answer's format that is a narrow subset, kept to by the model;
 * as a tool's input it is nearly all of JSON Schema, which the model follows without being held to it. Throws a
 * `SchemaError` for what has no such form.
 *
 * @see https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function compileSchema(
  schema: JsonSchema,
  context: SchemaContext,
  { mode }: CompileOptions,
): CompiledSchema {
  const compiled = mode === 'tool' ? toolSchema(schema) : strictSchema(schema);
  const result: CompiledSchema = {
    schema: compiled.schema,
    name: schemaName(context.name),
    mode,
    dropped: compiled.dropped,
    decode: createDecoder(schema, compiled),
  };
  if (typeof schema.description === 'string') result.description = schema.description;
  return result;
}

function strictSchema(schema: JsonSchema): {
  schema: JsonSchema;
  wrappedUnder?: string;
  dropped: SchemaChange[];
} {
  const nullable = fitLimits(schema);
  return compileStrict(
    schema,
    anthropicDialect({ optional: (path) => (nullable.has(path) ? 'nullable' : 'absent') }),
  );
}
