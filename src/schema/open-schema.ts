import { isRecord, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { conjuncts } from './schema-parts.js';

/** Keywords that say nothing about what a value is. */
const SILENT = new Set([
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'id'],
  ...['$schema', '$id', '$comment', '$defs', 'definitions'],
]);

const NO_TYPE = {
  message: 'accepts any value, so nothing is known of what comes back',
  fix: 'Say which type you expect, or ask for a string that holds JSON',
};
const NO_ITEMS = {
  message: 'is an array whose items are not described',
  fix: 'Say in "items" what the array holds',
};
const NO_PROPERTIES = {
  message: 'is an object whose properties are not declared',
  fix: 'Declare the properties that you expect, or use an array of {key, value} objects',
};

/** What a schema leaves open that most providers want to know; undefined if nothing. */
export function describeOpenness(
  root: JsonSchema,
  schema: JsonSchema | boolean,
): { message: string; fix: string } | undefined {
  if (schema === true) return NO_TYPE;
  if (!isRecord(schema)) return undefined;
  const parts = conjuncts(root, schema);
  const says = (keyword: string): boolean => parts.some((part) => part[keyword] !== undefined);
  // A union is judged branch by branch.
  if (['anyOf', 'oneOf', 'enum', 'const', '$dynamicRef', '$recursiveRef'].some(says)) return undefined;
  // A reference that leads nowhere is for the compilers to refuse.
  if (schema.$ref !== undefined && parts.length === 1) return undefined;
  if (parts.every(saysNothing)) return NO_TYPE;
  const types = parts.flatMap(({ type }) => [type].flat());
  if (types.includes('object') && !parts.some(declaresProperties)) return NO_PROPERTIES;
  const lists = parts.some(
    ({ items, prefixItems }) => isRecord(items) || Array.isArray(items ?? prefixItems),
  );
  return types.includes('array') && !lists ? NO_ITEMS : undefined;
}

function saysNothing(part: JsonSchema): boolean {
  return Object.keys(part).every(
    (keyword) => SILENT.has(keyword) || keyword === '$ref' || keyword === 'allOf',
  );
}

/** A record over a list of keys is an object like any other. */
function declaresProperties({ properties, propertyNames }: JsonSchema): boolean {
  if (isRecord(properties) && Object.keys(properties).length > 0) return true;
  return isRecord(propertyNames) && ['enum', 'const', '$ref'].some((keyword) => keyword in propertyNames);
}
