import type { SchemaChange } from '@instructor-cli/provider-kit';
import {
  mapSchema,
  modernSchema,
  resolveReference,
  WRAPPER_KEY,
  type JsonSchema,
} from '@instructor-cli/provider-kit/json-schema';

interface ToolSchema {
  schema: JsonSchema;
  wrappedUnder?: string;
  dropped: SchemaChange[];
}

/**
 * Makes a schema the input of a tool. Anthropic takes any JSON Schema of draft 2020-12 there, but the root has to be
 * an object, and `anyOf`, `oneOf` and `allOf` may not stand beside it.
 */
export function toolSchema(original: JsonSchema): ToolSchema {
  const wrap = !isPlainObject(original);
  const schema = mapSchema(original, (part, path) => {
    // Throws for a reference that leads nowhere or out of the schema.
    if (part.$ref !== undefined) resolveReference(original, part.$ref, path);
    const modern = modernSchema(part);
    if (wrap && typeof modern.$ref === 'string') modern.$ref = movedReference(modern.$ref);
    return modern;
  });
  delete schema.$schema;
  delete schema.$id;
  if (!wrap) return { schema, dropped: [] };

  const { $defs, definitions, ...inner } = schema;
  const wrapped: JsonSchema = {
    type: 'object',
    properties: { [WRAPPER_KEY]: inner },
    required: [WRAPPER_KEY],
    additionalProperties: false,
  };
  if ($defs !== undefined) wrapped.$defs = $defs;
  if (definitions !== undefined) wrapped.definitions = definitions;
  return { schema: wrapped, wrappedUnder: WRAPPER_KEY, dropped: [] };
}

function isPlainObject(schema: JsonSchema): boolean {
  return (
    schema.type === 'object' &&
    !['anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) => keyword in schema) &&
    schema.nullable !== true
  );
}

/** Definitions stay at the root; everything else has moved under the wrapper. */
function movedReference(reference: string): string {
  if (/^#\/(\$defs|definitions)\//.test(reference)) return reference;
  return reference.replace(/^#/, `#/properties/${WRAPPER_KEY}`);
}
