import { describeDefault, describeExamples, joinSentences } from './describe.js';
import type { SchemaDialect } from './dialect.js';
import type { FlatSchema } from './flatten.js';
import { pointerSegments } from './pointer.js';
import type { JsonSchema } from './types.js';

/** Gives a written schema what the user said about it for people, and models, to read. */
export function annotate(schema: JsonSchema, flat: FlatSchema, dialect: SchemaDialect): JsonSchema {
  const keepsDefault = flat.default && dialect.keeps('default', flat.default.value);
  const described = addDescription(
    schema,
    flat.description ?? usefulTitle(flat),
    flat.examples && describeExamples(flat.examples),
    flat.default && !keepsDefault ? describeDefault(flat.default.value) : undefined,
  );
  return keepsDefault && !('$ref' in described) ? { ...described, default: flat.default?.value } : described;
}

/** Puts sentences before those of a schema. A reference must stand alone, so it becomes the only branch of a union. */
export function addDescription(schema: JsonSchema, ...texts: (string | undefined)[]): JsonSchema {
  const description = joinSentences(...texts, schema.description as string | undefined);
  if (description === undefined || description === schema.description) return schema;
  return '$ref' in schema ? { anyOf: [schema], description } : { ...schema, description };
}

/** Generators give every schema its own key as title; only a title that says more is worth its tokens. */
function usefulTitle(flat: FlatSchema): string | undefined {
  const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const key = pointerSegments(flat.path).at(-1);
  return flat.title && key && letters(flat.title) !== letters(key) ? flat.title : undefined;
}
