import { flatten } from './flatten.js';
import { aliasedPart } from './resolve-reference.js';
import { identityOf, keywordOf, type JsonSchema, type SchemaPart } from './types.js';

/** Whether null is an answer that the user's own schema accepts. */
export function allowsNull(root: JsonSchema, parts: SchemaPart[], seen = new Set<string>()): boolean {
  const only = parts.length === 1 ? parts[0] : undefined;
  const target = only && aliasedPart(root, only);
  if (target) return allowsNull(root, [target], seen);
  if (only && keywordOf(only, 'nullable') === true) return true;

  const identity = identityOf(parts);
  if (seen.has(identity)) return false;
  seen.add(identity);

  const flat = flatten(root, parts);
  if (flat.never || (flat.types && !flat.types.has('null'))) return false;
  if (flat.values && !flat.values.includes(null)) return false;
  return flat.groups.every((group) => group.branches.some((branch) => allowsNull(root, [branch], seen)));
}
