import { SchemaError } from '../contract/errors.js';
import { allowsNull } from './allows-null.js';
import { applyConstraints, type Draft, type Emitter } from './emitter.js';
import { finiteKeys } from './object-shape.js';
import type { FlatSchema } from './flatten.js';
import { makeNullable } from './nullable.js';
import { appendPointer } from './pointer.js';
import type { JsonSchema, SchemaPart } from './types.js';

/** Writes an object of named properties: strict modes know no other. Undefined if no object fits. */
export function emitObject(emitter: Emitter, flat: FlatSchema): Draft | undefined {
  const { root, dialect } = emitter;
  const properties: [string, JsonSchema][] = [];
  const required: string[] = [];

  for (const [name, parts] of declaredProperties(flat)) {
    const wanted = flat.object.required.has(name);
    const forbidden = flat.object.closed.find((closed) => !closed.allowed.has(name));
    if (forbidden && wanted) throw contradiction(name, parts, forbidden.path);
    const schema = forbidden ? undefined : emitter.emit(parts);
    if (!schema) {
      if (wanted) return undefined;
      continue;
    }
    const nullable = !wanted && dialect.optional((parts[0] as SchemaPart).path) === 'nullable';
    if (wanted || nullable) required.push(name);
    const addNull = nullable && !allowsNull(root, parts);
    properties.push([name, addNull ? makeNullable(schema, dialect.nullableTypes) : schema]);
  }
  if (properties.length === 0) throw nothingDeclared(flat, dialect.provider);

  // Built from entries, so that a property called "__proto__" is one like any other.
  const schema: JsonSchema = { type: 'object', properties: Object.fromEntries(properties) };
  if (required.length > 0) schema.required = required;
  schema.additionalProperties = false;

  for (const open of flat.object.open) {
    if (flat.object.closed.length > 0) break;
    emitter.drop({
      path: open.path,
      keyword: open.keyword,
      message: `${dialect.provider} answers with the declared properties only; further ones cannot come`,
    });
  }
  const draft: Draft = { schema, notes: [] };
  const constraints = flat.constraints.filter((constraint) => !isSettled(emitter, flat, constraint.keyword));
  applyConstraints(emitter, { ...flat, constraints }, 'object', draft);
  return draft;
}

/** All properties with what has to be true of them, including those that are only required. */
function declaredProperties(flat: FlatSchema): Map<string, SchemaPart[]> {
  const all = new Map(flat.object.properties);
  const free = flat.object.open.find((open) => open.schema !== true);
  for (const name of flat.object.required) {
    if (all.has(name)) continue;
    const path = appendPointer(flat.path, 'required');
    if (!free) {
      throw new SchemaError(
        path,
        `requires the property "${name}" but does not describe it`,
        `Add "${name}" to "properties".`,
      );
    }
    all.set(name, [{ schema: free.schema, path: appendPointer(free.path, free.keyword) }]);
  }
  return all;
}

/** Closing the object, or spelling out its keys, has already seen to these. */
function isSettled(emitter: Emitter, flat: FlatSchema, keyword: string): boolean {
  if (keyword === 'patternProperties') return true;
  return (
    keyword === 'propertyNames' && flat.leaves.some((leaf) => finiteKeys(emitter.root, leaf) !== undefined)
  );
}

function contradiction(name: string, parts: SchemaPart[], closedBy: string): SchemaError {
  return new SchemaError(
    (parts[0] as SchemaPart).path,
    `the property "${name}" is required here but forbidden by "additionalProperties": false at "${closedBy || '/'}"`,
    'Remove "additionalProperties": false from the parts of an "allOf".',
  );
}

function nothingDeclared(flat: FlatSchema, provider: string): SchemaError {
  if (flat.object.open.some((open) => open.schema !== true || open.keyword === 'patternProperties')) {
    return new SchemaError(
      flat.path,
      `an object with arbitrary keys (a record) cannot be expressed for ${provider}`,
      'Use an array of {key, value} objects, or list the keys as properties.',
    );
  }
  return new SchemaError(
    flat.path,
    `an object without declared properties cannot be expressed for ${provider}`,
    'Declare the properties that you expect, or use an array of {key, value} objects.',
  );
}
