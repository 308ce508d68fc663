import { SchemaError } from '../contract/errors.js';
import { appendPointer } from './pointer.js';
import { keywordOf, sameJson, TYPE_NAMES, type SchemaPart, type TypeName } from './types.js';

/** The types that all of the schemas allow; undefined if none of them says. */
export function collectTypes(leaves: SchemaPart[]): Set<TypeName> | undefined {
  let types: Set<TypeName> | undefined;
  for (const leaf of leaves) {
    const stated = keywordOf(leaf, 'type');
    if (stated === undefined) continue;
    const own = new Set((Array.isArray(stated) ? stated : [stated]) as TypeName[]);
    for (const name of own) {
      if (!TYPE_NAMES.includes(name)) {
        throw new SchemaError(
          appendPointer(leaf.path, 'type'),
          `${JSON.stringify(name)} is not a JSON Schema type`,
        );
      }
    }
    if (keywordOf(leaf, 'nullable') === true) own.add('null');
    types = types ? intersection(types, own) : own;
  }
  if (types?.has('number')) types.delete('integer');
  return types;
}

/** An integer is a number, so the two meet in `integer`. */
function intersection(left: Set<TypeName>, right: Set<TypeName>): Set<TypeName> {
  const both = [...left].filter((type) => right.has(type));
  if ((left.has('integer') && right.has('number')) || (left.has('number') && right.has('integer')))
    both.push('integer');
  return new Set(both);
}

/** The values of `enum` and `const` that all of the schemas allow; undefined if none of them says. */
export function collectValues(leaves: SchemaPart[]): unknown[] | undefined {
  let values: unknown[] | undefined;
  for (const leaf of leaves) {
    const constant = keywordOf(leaf, 'const');
    const listed = keywordOf(leaf, 'enum');
    for (const own of [
      constant === undefined ? undefined : [constant],
      Array.isArray(listed) ? [...(listed as unknown[])] : undefined,
    ]) {
      if (!own) continue;
      if (keywordOf(leaf, 'nullable') === true && !own.includes(null)) own.push(null);
      values = values ? values.filter((value) => own.some((other) => sameJson(value, other))) : own;
    }
  }
  return values;
}
