import { isRecord, type JsonSchema } from './types.js';

/** The numbers that providers set limits on, taken from a compiled schema. */
export interface SchemaSize {
  /** Objects and arrays inside each other; a flat object is one level. References are not followed. */
  nesting: number;
  /** The schema where the nesting is deepest. */
  deepest: JsonSchema;
  properties: number;
  enumValues: number;
  /** Characters of property and definition names, enum values and constants. */
  characters: number;
  optionalProperties: number;
  /** Properties and the like with more than one type. */
  unions: number;
  enums: { schema: JsonSchema; values: unknown[] }[];
}

export function measureSchema(schema: JsonSchema): SchemaSize {
  const size: SchemaSize = {
    nesting: 0,
    deepest: schema,
    properties: 0,
    enumValues: 0,
    characters: 0,
    optionalProperties: 0,
    unions: 0,
    enums: [],
  };
  measure(schema, 0, size);
  return size;
}

function measure(schema: JsonSchema, outside: number, size: SchemaSize): void {
  const types = [schema.type].flat();
  const level = outside + (types.includes('object') || types.includes('array') ? 1 : 0);
  if (level > size.nesting) Object.assign(size, { nesting: level, deepest: schema });
  if (types.length > 1 || Array.isArray(schema.anyOf)) size.unions += 1;

  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  size.properties += properties.length;
  size.optionalProperties +=
    properties.length - (Array.isArray(schema.required) ? schema.required.length : 0);
  for (const [name, child] of properties) {
    size.characters += name.length;
    measure(child as JsonSchema, level, size);
  }
  if (isRecord(schema.items)) measure(schema.items, level, size);
  if (Array.isArray(schema.anyOf))
    for (const branch of schema.anyOf as JsonSchema[]) measure(branch, level, size);
  for (const [name, child] of Object.entries(isRecord(schema.$defs) ? schema.$defs : {})) {
    size.characters += name.length;
    measure(child as JsonSchema, 0, size);
  }
  if (Array.isArray(schema.enum)) {
    size.enumValues += schema.enum.length;
    size.characters += lengthOf(schema.enum);
    size.enums.push({ schema, values: schema.enum });
  }
  if (schema.const !== undefined) size.characters += lengthOf([schema.const]);
}

export function lengthOf(values: unknown[]): number {
  return values.reduce<number>((sum, value) => sum + String(value).length, 0);
}
