import { appendPointer } from './pointer.js';
import { isRecord, type JsonSchema } from './types.js';

const SINGLE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const LISTS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const MAPS = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];

/**
 * Rebuilds a schema from the inside out. Values that only look like schemas, in `enum`, `const` or `default`, are
 * left alone.
 *
 * @param change gets each schema, its parts already changed, with its JSON pointer in the original
 */
export function mapSchema(
  schema: JsonSchema,
  change: (schema: JsonSchema, path: string) => JsonSchema,
  path = '',
): JsonSchema {
  const map = (child: unknown, ...segments: (string | number)[]): unknown =>
    isRecord(child) ? mapSchema(child, change, appendPointer(path, ...segments)) : child;

  const copy: JsonSchema = { ...schema };
  for (const keyword of SINGLE) {
    if (isRecord(copy[keyword])) copy[keyword] = map(copy[keyword], keyword);
  }
  for (const keyword of LISTS) {
    const list = copy[keyword];
    if (Array.isArray(list)) copy[keyword] = list.map((child, index) => map(child, keyword, index));
  }
  for (const keyword of MAPS) {
    const entries = copy[keyword];
    if (!isRecord(entries)) continue;
    copy[keyword] = Object.fromEntries(
      Object.entries(entries).map(([name, child]) => [name, map(child, keyword, name)]),
    );
  }
  return change(copy, path);
}
