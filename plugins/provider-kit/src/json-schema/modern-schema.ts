import { isRecord, type JsonSchema } from './types.js';

/** Says in draft 2020-12 what one schema says in draft 4, draft 7 or OpenAPI 3.0. Its parts are left as they are. */
export function modernSchema({ nullable, ...schema }: JsonSchema): JsonSchema {
  if (Array.isArray(schema.items)) {
    schema.prefixItems = schema.items;
    if (schema.additionalItems === undefined) delete schema.items;
    else schema.items = schema.additionalItems;
  }
  delete schema.additionalItems;
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const flag = schema[exclusive];
    if (typeof flag !== 'boolean') continue;
    delete schema[exclusive];
    if (flag && schema[bound] !== undefined) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    }
  }
  if (isRecord(schema.dependencies)) {
    const entries = Object.entries(schema.dependencies);
    delete schema.dependencies;
    const required = entries.filter(([, needed]) => Array.isArray(needed));
    const schemas = entries.filter(([, needed]) => !Array.isArray(needed));
    if (required.length > 0) schema.dependentRequired = Object.fromEntries(required);
    if (schemas.length > 0) schema.dependentSchemas = Object.fromEntries(schemas);
  }
  if (nullable !== true) return schema;
  // OpenAPI lists the values of an enum without the null that `nullable` adds.
  const { description, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }], ...(description === undefined ? {} : { description }) };
}
