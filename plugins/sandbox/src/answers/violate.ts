import { isObject, omit } from '../objects.js';
import type { Random } from '../random.js';
import { branchesOf, flatten, typesOf, type SchemaObject } from './schema-node.js';

/**
 * JSON that a validator refuses: a property is gone or of another type. One that may be null is not just left out,
 * since null often stands for absence, which the user's own schema may well allow.
 */
export function violate(value: unknown, schema: unknown, random: Random): unknown {
  if (!isObject(value)) return { unexpected: value ?? 'something' };
  const root = flatten(schema, schema);
  const properties = isObject(root.properties) ? root.properties : {};
  const required = Array.isArray(root.required) ? root.required.map(String) : [];
  const present = Object.keys(value).filter((name) => Object.hasOwn(properties, name));
  const needed = present.filter(
    (name) => required.includes(name) && !allowsNull(flatten(properties[name], schema), schema),
  );
  const wrong = new Map<string, unknown>();
  for (const name of present) {
    const other = wrongValue(flatten(properties[name], schema), schema);
    if (other !== undefined) wrong.set(name, other);
  }
  const victim = random.pick(needed) ?? random.pick([...wrong.keys()]);
  if (victim === undefined)
    return root.additionalProperties === false ? { ...value, unexpected: 1 } : 'not an object';
  const mayGo = needed.includes(victim);
  return mayGo && (!wrong.has(victim) || random.chance(0.5))
    ? omit(value, victim)
    : { ...value, [victim]: wrong.get(victim) };
}

/** A value of a type that the node does not take; undefined if it may take any. */
function wrongValue(node: SchemaObject, root: unknown): unknown {
  const types = typesIn(node, root);
  if (types.length === 0) return undefined;
  if (!types.includes('object')) return { unexpected: 'something' };
  return types.includes('boolean') ? undefined : true;
}

function allowsNull(node: SchemaObject, root: unknown): boolean {
  const types = typesIn(node, root);
  return types.length === 0 || types.includes('null');
}

/** All types that a node takes; none if it may take any. */
function typesIn(node: SchemaObject, root: unknown, depth = 0): string[] {
  if ('const' in node) return [typeOf(node.const)];
  if (Array.isArray(node.enum)) return node.enum.map(typeOf);
  const branches = depth < 8 ? branchesOf(node) : undefined;
  if (!branches) return typesOf(node);
  const each = branches.map((branch) => typesIn(flatten(branch, root), root, depth + 1));
  return each.some((types) => types.length === 0) ? [] : each.flat();
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
