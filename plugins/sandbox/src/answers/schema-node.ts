import { isObject } from '../objects.js';

export type SchemaObject = Record<string, unknown>;

/** What a local `$ref` such as `#/$defs/Person` points to; undefined if nothing is there. */
export function lookUp(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let node: unknown = root;
  for (const part of reference.slice(2).split('/')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) node = node[Number(key)];
    else if (isObject(node) && Object.hasOwn(node, key)) node = node[key];
    else return undefined;
  }
  return node;
}

const MAX_HOPS = 64;

/** A node with its `$ref` and `allOf` folded in. What cannot be resolved counts as "anything". */
export function flatten(node: unknown, root: unknown, hops = 0): SchemaObject {
  if (!isObject(node) || hops > MAX_HOPS) return {};
  let result: SchemaObject = node;
  if (typeof result.$ref === 'string') {
    const { $ref, ...siblings } = result;
    result = merge(flatten(lookUp(root, $ref as string), root, hops + 1), siblings);
  }
  if (Array.isArray(result.allOf)) {
    const { allOf, ...siblings } = result;
    result = (allOf as unknown[]).reduce<SchemaObject>(
      (merged, part) => merge(merged, flatten(part, root, hops + 1)),
      siblings,
    );
  }
  return result;
}

const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/** A schema that fits what both fit, as far as keywords that describe shapes go. */
export function merge(left: SchemaObject, right: SchemaObject): SchemaObject {
  const result: SchemaObject = { ...left, ...right };
  for (const key of LOWER_BOUNDS) combine(result, left, right, key, Math.max);
  for (const key of UPPER_BOUNDS) combine(result, left, right, key, Math.min);
  if (isObject(left.properties) && isObject(right.properties)) {
    const properties: SchemaObject = { ...left.properties };
    for (const [name, node] of Object.entries(right.properties)) {
      properties[name] = Object.hasOwn(properties, name) ? { allOf: [properties[name], node] } : node;
    }
    result.properties = properties;
  }
  if (Array.isArray(left.required) && Array.isArray(right.required)) {
    result.required = [...new Set([...(left.required as unknown[]), ...(right.required as unknown[])])];
  }
  if (Array.isArray(left.enum) && Array.isArray(right.enum)) {
    const allowed = new Set(right.enum.map((value) => JSON.stringify(value)));
    result.enum = left.enum.filter((value) => allowed.has(JSON.stringify(value)));
  }
  return result;
}

function combine(
  result: SchemaObject,
  left: SchemaObject,
  right: SchemaObject,
  key: string,
  stricter: (first: number, second: number) => number,
): void {
  const [first, second] = [left[key], right[key]];
  if (typeof first === 'number' && typeof second === 'number') result[key] = stricter(first, second);
}

/** The types that a node admits; guessed from its keywords where it names none. Empty: anything. */
export function typesOf(node: SchemaObject): string[] {
  if (typeof node.type === 'string') return [node.type];
  if (Array.isArray(node.type)) return node.type.filter((type) => typeof type === 'string');
  if (node.properties || node.required || node.additionalProperties || node.minProperties) return ['object'];
  if (node.items || node.prefixItems || node.minItems || node.contains) return ['array'];
  if (node.pattern || node.format || node.minLength || node.maxLength) return ['string'];
  if (
    ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some((key) => key in node)
  ) {
    return ['number'];
  }
  return [];
}

/** The alternatives of a node: its `anyOf` or `oneOf`. */
export function branchesOf(node: SchemaObject): unknown[] | undefined {
  const branches = node.anyOf ?? node.oneOf;
  return Array.isArray(branches) ? branches.filter((branch) => branch !== false) : undefined;
}
