import { SchemaError } from '../contract/errors.js';
import type { FlatSchema } from './flatten.js';
import type { JsonSchema, TypeName } from './types.js';

/** Writes `enum` and `const`, one schema for each type of value among them: strict modes want a type beside them. */
export function emitValues(flat: FlatSchema): JsonSchema[] {
  const byType = new Map<TypeName, unknown[]>();
  for (const value of flat.values ?? []) {
    const type = typeOf(value, flat);
    if (flat.types && !flat.types.has(type) && !(type === 'integer' && flat.types.has('number'))) continue;
    byType.set(type, [...(byType.get(type) ?? []), value]);
  }
  return [...byType].map(([type, values]) => {
    if (type === 'null') return { type };
    return flat.literal && values.length === 1 ? { type, const: values[0] } : { type, enum: values };
  });
}

function typeOf(value: unknown, flat: FlatSchema): TypeName {
  if (value === null) return 'null';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value as TypeName;
  if (typeof value === 'number') {
    return Number.isInteger(value) && flat.types?.has('integer') ? 'integer' : 'number';
  }
  throw new SchemaError(
    flat.path,
    'an enum or const may hold strings, numbers, booleans and null only',
    'Describe the object by its properties, each with a "const" of its own.',
  );
}
