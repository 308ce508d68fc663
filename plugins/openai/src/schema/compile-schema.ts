import {
  createDecoder,
  compileStrict,
  schemaName,
  type JsonSchema,
} from '@instructor-cli/provider-kit/json-schema';
import type { CompiledSchema, SchemaContext } from '@instructor-cli/provider-kit';
import { checkLimits } from './check-limits.js';
import { openaiDialect } from './dialect.js';

/**
 * Rewrites a schema into the subset that OpenAI's strict structured output accepts: every property required (optional
 * ones may be null), every object closed, the root an object. Throws a `SchemaError` for what has no such form.
 *
 * @see https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas
 */
export function compileSchema(schema: JsonSchema, context: SchemaContext): CompiledSchema {
  const compiled = compileStrict(schema, openaiDialect(context.model));
  checkLimits(compiled);
  const result: CompiledSchema = {
    schema: compiled.schema,
    name: schemaName(context.name),
    mode: 'format',
    dropped: compiled.dropped,
    decode: createDecoder(schema, compiled),
  };
  if (typeof schema.description === 'string') result.description = schema.description;
  return result;
}
