import { appendPointer } from './pointer.js';
import { aliasedPart } from './resolve-reference.js';
import { isRecord, keywordOf, type JsonSchema, type SchemaPart } from './types.js';

/** What schemas say together about the properties of an object. */
export interface ObjectShape {
  /** Whether any of them speaks about objects at all. */
  declared: boolean;
  properties: Map<string, SchemaPart[]>;
  required: Set<string>;
  /** For each schema that forbids further properties: those it allows. */
  closed: { path: string; allowed: Set<string> }[];
  /** Where further properties are welcome, and what has to be true of them. */
  open: { path: string; keyword: string; schema: JsonSchema | true }[];
}

const OBJECT_KEYWORDS = ['properties', 'required', 'additionalProperties', 'patternProperties'];

export function collectObject(root: JsonSchema, leaves: SchemaPart[]): ObjectShape {
  const shape: ObjectShape = {
    declared: false,
    properties: new Map(),
    required: new Set(),
    closed: [],
    open: [],
  };
  for (const leaf of leaves) {
    if (OBJECT_KEYWORDS.some((keyword) => keywordOf(leaf, keyword) !== undefined)) shape.declared = true;
    addLeaf(root, leaf, shape);
  }
  return shape;
}

function addLeaf(root: JsonSchema, leaf: SchemaPart, shape: ObjectShape): void {
  const properties = keywordOf(leaf, 'properties');
  const names = isRecord(properties) ? Object.keys(properties) : [];
  for (const name of names) {
    const schema = (properties as Record<string, JsonSchema>)[name] as JsonSchema;
    addProperty(shape, name, { schema, path: appendPointer(leaf.path, 'properties', name) });
  }
  const required = keywordOf(leaf, 'required');
  if (Array.isArray(required)) for (const name of required) shape.required.add(String(name));

  const further = keywordOf(leaf, 'additionalProperties');
  const keys = finiteKeys(root, leaf);
  if (keys && further !== false) {
    // A record over a finite set of keys, such as `z.record(z.enum([...]), …)`, is an object in disguise.
    const schema = (further ?? true) as JsonSchema | boolean;
    for (const name of keys) {
      if (!names.includes(name))
        addProperty(shape, name, { schema, path: appendPointer(leaf.path, 'additionalProperties') });
    }
    shape.closed.push({ path: leaf.path, allowed: new Set([...names, ...keys]) });
    return;
  }
  const patterns = keywordOf(leaf, 'patternProperties');
  if (isRecord(patterns) && Object.keys(patterns).length > 0) {
    shape.open.push({ path: leaf.path, keyword: 'patternProperties', schema: true });
  } else if (further === false) {
    shape.closed.push({ path: leaf.path, allowed: new Set(names) });
  }
  if (further === true || isRecord(further)) {
    const free = further === true || Object.keys(further).length === 0;
    shape.open.push({
      path: leaf.path,
      keyword: 'additionalProperties',
      schema: free ? true : (further as JsonSchema),
    });
  }
}

function addProperty(shape: ObjectShape, name: string, part: SchemaPart): void {
  const known = shape.properties.get(name);
  if (known) known.push(part);
  else shape.properties.set(name, [part]);
}

/** The only names a property may have, if `propertyNames` lists them. */
export function finiteKeys(root: JsonSchema, leaf: SchemaPart): string[] | undefined {
  const names = keywordOf(leaf, 'propertyNames');
  if (!isRecord(names)) return undefined;
  const part = { schema: names, path: appendPointer(leaf.path, 'propertyNames') };
  const stated = aliasedPart(root, part) ?? part;
  const constant = keywordOf(stated, 'const');
  const values = constant === undefined ? keywordOf(stated, 'enum') : [constant];
  return Array.isArray(values)
    ? values.filter((value): value is string => typeof value === 'string')
    : undefined;
}
