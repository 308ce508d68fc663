import { isRecord, sameJson, type JsonSchema } from './types.js';

const SCALARS = new Set<unknown>(['string', 'number', 'integer', 'boolean']);

/** One schema that accepts what any of the given ones does. */
export function unite(branches: JsonSchema[], nullableTypes: boolean): JsonSchema {
  const flat: JsonSchema[] = [];
  for (const branch of branches.flatMap(plainBranches)) {
    if (!flat.some((other) => sameJson(other, branch))) flat.push(branch);
  }
  const [only] = flat;
  if (flat.length === 1 && only) return only;

  const rest = flat.filter((branch) => branch.type !== 'null' || Object.keys(branch).length > 1);
  const [scalar] = rest;
  if (nullableTypes && rest.length === 1 && flat.length === 2 && scalar && isPlainScalar(scalar)) {
    return { ...scalar, type: [scalar.type, 'null'] };
  }
  return { anyOf: flat };
}

/** The same schema, but null is an answer too. */
export function makeNullable(schema: JsonSchema, nullableTypes: boolean): JsonSchema {
  if (acceptsNull(schema)) return schema;
  // The description is about the property, so it stays outside the union.
  const { description, ...rest } = schema;
  const united = unite([rest, { type: 'null' }], nullableTypes);
  return description === undefined ? united : { ...united, description };
}

function acceptsNull(schema: JsonSchema): boolean {
  if (schema.type === 'null' || (Array.isArray(schema.type) && schema.type.includes('null'))) return true;
  return (
    Array.isArray(schema.anyOf) && schema.anyOf.some((branch) => isRecord(branch) && acceptsNull(branch))
  );
}

function plainBranches(schema: JsonSchema): JsonSchema[] {
  const keys = Object.keys(schema);
  if (keys.length === 1 && Array.isArray(schema.anyOf)) return schema.anyOf as JsonSchema[];
  if (Array.isArray(schema.type) && schema.type.length === 2 && schema.type[1] === 'null') {
    return [{ ...schema, type: schema.type[0] as string }, { type: 'null' }];
  }
  return [schema];
}

function isPlainScalar(schema: JsonSchema): boolean {
  return SCALARS.has(schema.type) && !('enum' in schema) && !('const' in schema);
}
