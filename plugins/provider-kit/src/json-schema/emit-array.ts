import { SchemaError } from '../contract/errors.js';
import { itemParts, prefixLength } from './array-shape.js';
import { applyConstraints, type Draft, type Emitter } from './emitter.js';
import type { FlatSchema } from './flatten.js';
import { unite } from './nullable.js';
import { sameJson, type JsonSchema } from './types.js';

/** Writes an array. A tuple becomes an array of any of its items, with the order told in words. */
export function emitArray(emitter: Emitter, flat: FlatSchema): Draft | undefined {
  const places = prefixLength(flat.array);
  const rest = itemParts(flat.array, places);
  if (places === 0 && rest?.length === 0) {
    throw new SchemaError(
      flat.path,
      `an array without a description of its items cannot be expressed for ${emitter.dialect.provider}`,
      'Say in "items" what the array holds.',
    );
  }
  const prefix: (JsonSchema | undefined)[] = [];
  for (let index = 0; index < places; index += 1) {
    const parts = itemParts(flat.array, index);
    prefix.push(parts && emitter.emit(parts));
  }
  // A tuple that says nothing about further items is taken to have none: they would be of any type.
  const further = rest && rest.length > 0 ? emitter.emit(rest) : undefined;
  const allowed = prefix.filter((schema) => schema !== undefined);
  if (further) allowed.push(further);
  if (allowed.length === 0) {
    throw new SchemaError(
      flat.path,
      'only an empty array fits',
      'Remove it, or say in "items" what the array holds.',
    );
  }

  const draft: Draft = {
    schema: { type: 'array', items: unite(allowed, emitter.dialect.nullableTypes) },
    notes: [],
  };
  const constraints = [...flat.constraints];
  if (places > 0 && !further) tighten(constraints, flat, places);
  if (places > 0 && allowed.some((schema) => !sameJson(schema, allowed[0])))
    tellOrder(emitter, flat, prefix, further, draft);
  applyConstraints(emitter, { ...flat, constraints }, 'array', draft);
  return draft;
}

/** No more items than there are places. */
function tighten(constraints: FlatSchema['constraints'], flat: FlatSchema, places: number): void {
  const bound = constraints.findIndex((constraint) => constraint.keyword === 'maxItems');
  const stated = constraints[bound]?.value;
  if (typeof stated === 'number' && stated <= places) return;
  if (bound >= 0) constraints.splice(bound, 1);
  constraints.push({ keyword: 'maxItems', value: places, path: flat.path });
}

function tellOrder(
  emitter: Emitter,
  flat: FlatSchema,
  prefix: (JsonSchema | undefined)[],
  further: JsonSchema | undefined,
  draft: Draft,
): void {
  const places = prefix.map((schema, index) => `${index + 1}. ${summary(schema)}`);
  const tail = further ? `; then any number of: ${summary(further)}` : '';
  draft.notes.push(`Items in this order: ${places.join('; ')}${tail}.`);
  const list = flat.array.lists.find((candidate) => candidate.prefix.length > 0);
  emitter.drop({
    path: list?.path ?? flat.path,
    keyword: list?.prefix[0]?.path.includes('/prefixItems/') ? 'prefixItems' : 'items',
    message: `${emitter.dialect.provider} has no tuples; the model is told the order, and the answer is checked against it`,
  });
}

function summary(schema: JsonSchema | undefined): string {
  if (!schema) return 'nothing';
  if (typeof schema.description === 'string') return schema.description.replace(/\.$/, '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum))
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  if (Array.isArray(schema.anyOf))
    return schema.anyOf.map((branch: JsonSchema) => summary(branch)).join(' or ');
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) as string;
  return [schema.type].flat().join(' or ');
}
