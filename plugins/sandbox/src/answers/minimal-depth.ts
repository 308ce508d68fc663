import { branchesOf, flatten, typesOf } from './schema-node.js';
import { isObject } from '../objects.js';

/** Schemas are small, but a hostile one could make this walk forever. */
const MAX_VISITS = 4000;
const MAX_DEPTH = 32;

/**
 * How many levels the smallest value of a schema has. Infinity for one that never ends on this way: it tells which
 * alternative of a recursive schema brings the recursion to an end.
 */
export function minimalDepth(node: unknown, root: unknown): number {
  let visits = 0;

  function measure(current: unknown, depth: number): number {
    if (++visits > MAX_VISITS || depth > MAX_DEPTH) return Infinity;
    const flat = flatten(current, root);
    if ('const' in flat || Array.isArray(flat.enum)) return 0;
    const branches = branchesOf(flat);
    if (branches?.length) return Math.min(...branches.map((branch) => measure(branch, depth + 1)));
    const types = typesOf(flat);
    if (types.length === 0 || types.some((type) => type !== 'object' && type !== 'array')) return 0;
    if (types.includes('array')) {
      return Number(flat.minItems ?? 0) > 0 && isObject(flat.items) ? 1 + measure(flat.items, depth + 1) : 1;
    }
    const properties = isObject(flat.properties) ? flat.properties : {};
    const required = Array.isArray(flat.required) ? flat.required : [];
    const depths = required.map((name) => measure(properties[String(name)], depth + 1));
    return 1 + Math.max(0, ...depths);
  }

  return measure(node, 0);
}
