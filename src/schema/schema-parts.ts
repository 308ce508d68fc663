import { isRecord, resolveReference, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';

/** What applies to a value together: the schema, what it refers to, and its `allOf`. */
export function conjuncts(root: JsonSchema, schema: unknown): JsonSchema[] {
  return collect(root, schema, ['allOf'], new Set());
}

/** The same, and all branches of its unions. */
export function alternatives(root: JsonSchema, schema: unknown): JsonSchema[] {
  return collect(root, schema, ['allOf', 'anyOf', 'oneOf'], new Set());
}

/** Where a reference leads, or undefined: the compilers are the ones to complain about a broken one. */
export function targetOf(
  root: JsonSchema,
  reference: unknown,
): { schema: JsonSchema | boolean; path: string } | undefined {
  if (reference === undefined) return undefined;
  try {
    return resolveReference(root, reference, '');
  } catch {
    return undefined;
  }
}

/** Whether null is among the values that a schema speaks of. */
export function mentionsNull(root: JsonSchema, schema: unknown): boolean {
  return alternatives(root, schema).some(
    (part) =>
      [part.type].flat().includes('null') ||
      part.nullable === true ||
      part.const === null ||
      (Array.isArray(part.enum) && part.enum.includes(null)),
  );
}

/** The names that an object must have, by all that applies to it. */
export function requiredNames(root: JsonSchema, schema: unknown): string[] {
  return conjuncts(root, schema).flatMap(({ required }) =>
    Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
  );
}

function collect(
  root: JsonSchema,
  schema: unknown,
  keywords: readonly string[],
  seen: Set<unknown>,
): JsonSchema[] {
  if (!isRecord(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const parts: unknown[] = keywords.flatMap((keyword) => schema[keyword] ?? []);
  const target = targetOf(root, schema.$ref)?.schema;
  return [schema, ...[target, ...parts].flatMap((part) => collect(root, part, keywords, seen))];
}
