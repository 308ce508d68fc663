import { SchemaError } from '../contract/errors.js';
import { collectArrays, type ArrayShape } from './array-shape.js';
import { collectConstraints, impliedTypes, type Constraint } from './constraints.js';
import { collectObject, type ObjectShape } from './object-shape.js';
import { appendPointer } from './pointer.js';
import { endlessReference, resolveReference } from './resolve-reference.js';
import { isRecord, keywordOf, without, type JsonSchema, type SchemaPart, type TypeName } from './types.js';
import { collectTypes, collectValues } from './types-and-values.js';

/** Alternatives: a value has to fit one of the branches. */
export interface UnionGroup {
  owner: SchemaPart;
  keyword: 'anyOf' | 'oneOf';
  branches: SchemaPart[];
}

/** What several schemas say together once references and `allOf` are followed. */
export interface FlatSchema {
  path: string;
  /** No value fits. */
  never: boolean;
  /** Undefined if nothing says so. */
  types?: Set<TypeName>;
  /** From `enum` and `const`. */
  values?: unknown[];
  /** Whether the values were written as `const`. */
  literal: boolean;
  groups: UnionGroup[];
  object: ObjectShape;
  array: ArrayShape;
  constraints: Constraint[];
  description?: string;
  title?: string;
  default?: { value: unknown };
  examples?: unknown[];
  /** The schemas that were found, without the keywords that led to others of them. */
  leaves: SchemaPart[];
}

/** Reads schemas that all apply to one value as a single one. */
export function flatten(root: JsonSchema, parts: SchemaPart[]): FlatSchema {
  const leaves: SchemaPart[] = [];
  for (const part of parts) expand(root, part, [], leaves);

  const types = collectTypes(leaves);
  const values = collectValues(leaves);
  const groups = leaves.flatMap(collectGroups);
  const constraints = collectConstraints(leaves);
  const flat: FlatSchema = {
    path: parts[0]?.path ?? '',
    never: leaves.some(isNever) || types?.size === 0 || values?.length === 0,
    types,
    values,
    literal: leaves.some((leaf) => keywordOf(leaf, 'const') !== undefined),
    groups,
    object: collectObject(root, leaves),
    array: collectArrays(leaves),
    constraints,
    description: firstString(leaves, 'description'),
    title: firstString(leaves, 'title'),
    leaves,
  };
  const example = leaves.map((leaf) => keywordOf(leaf, 'examples')).find(Array.isArray) as
    unknown[] | undefined;
  if (example) flat.examples = example;
  const preset = leaves.map((leaf) => keywordOf(leaf, 'default')).find((value) => value !== undefined);
  if (preset !== undefined) flat.default = { value: preset };

  if (!types && !values && groups.length === 0) {
    const implied = new Set(impliedTypes(constraints));
    if (flat.object.declared) implied.add('object');
    if (flat.array.declared) implied.add('array');
    if (implied.size > 0) flat.types = implied;
  }
  return flat;
}

function expand(root: JsonSchema, part: SchemaPart, trail: string[], leaves: SchemaPart[]): void {
  if (typeof part.schema !== 'boolean' && !isRecord(part.schema)) {
    throw new SchemaError(part.path, 'a schema has to be an object, true or false');
  }
  for (const keyword of ['$dynamicRef', '$recursiveRef']) {
    if (keywordOf(part, keyword) !== undefined) {
      throw new SchemaError(
        appendPointer(part.path, keyword),
        `"${keyword}" cannot be expressed`,
        'Use "$ref".',
      );
    }
  }
  leaves.push(without(part, ['$ref', 'allOf']));

  const reference = keywordOf(part, '$ref');
  if (reference !== undefined) {
    const target = resolveReference(root, reference, part.path);
    if (trail.includes(target.path)) throw endlessReference(part.path);
    expand(root, target, [...trail, target.path], leaves);
  }
  const allOf = keywordOf(part, 'allOf');
  if (Array.isArray(allOf)) {
    allOf.forEach((schema: JsonSchema, index) =>
      expand(root, { schema, path: appendPointer(part.path, 'allOf', index) }, trail, leaves),
    );
  }
}

function isNever(leaf: SchemaPart): boolean {
  const not = keywordOf(leaf, 'not');
  return leaf.schema === false || not === true || (isRecord(not) && Object.keys(not).length === 0);
}

function collectGroups(leaf: SchemaPart): UnionGroup[] {
  return (['anyOf', 'oneOf'] as const).flatMap((keyword) => {
    const listed = keywordOf(leaf, keyword);
    if (!Array.isArray(listed)) return [];
    const branches = listed.map((schema: JsonSchema, index) => ({
      schema,
      path: appendPointer(leaf.path, keyword, index),
    }));
    return [{ owner: leaf, keyword, branches }];
  });
}

function firstString(leaves: SchemaPart[], keyword: string): string | undefined {
  return leaves
    .map((leaf) => keywordOf(leaf, keyword))
    .find((value): value is string => typeof value === 'string' && value !== '');
}
