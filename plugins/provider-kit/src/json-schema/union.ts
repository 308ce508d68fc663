import { CONSTRAINT_KEYWORDS } from './constraints.js';
import { flatten, type FlatSchema, type UnionGroup } from './flatten.js';
import { keywordOf, without, type JsonSchema, type SchemaPart } from './types.js';

const ANNOTATIONS = ['description', 'title', 'default', 'examples'];
const NARROWING = [
  ...CONSTRAINT_KEYWORDS,
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'enum',
  'const',
  'anyOf',
  'oneOf',
];

/**
 * The branches of the first union of a schema, each together with what stands beside the union: `A and (B or C)`
 * is `(A and B) or (A and C)`. A further union beside it stays among the parts, to be met when they are read.
 */
export function unionBranches(root: JsonSchema, flat: FlatSchema): SchemaPart[][] {
  const group = flat.groups[0] as UnionGroup;
  const beside = flat.leaves.map((leaf) =>
    without(leaf, leaf === group.owner ? [group.keyword, ...ANNOTATIONS] : ANNOTATIONS),
  );
  const narrowing = beside.some(
    (part) => part.schema === false || NARROWING.some((keyword) => keywordOf(part, keyword) !== undefined),
  );
  return group.branches.map((branch) =>
    narrowing || !typesWithin(root, branch, flat) ? [...beside, branch] : [branch],
  );
}

/** Whether a `type` beside the union adds nothing to the branch; then a reference can stay one. */
function typesWithin(root: JsonSchema, branch: SchemaPart, flat: FlatSchema): boolean {
  if (!flat.types) return true;
  const { types } = flatten(root, [branch]);
  return types !== undefined && [...types].every((type) => flat.types?.has(type));
}
