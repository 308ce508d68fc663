import { SchemaError } from '@instructor-cli/provider-kit';
import { compileStrict, measureSchema, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { anthropicDialect } from './dialect.js';

const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;

/**
 * Which optional properties have to become required but nullable, so that the rest stays within the number of
 * optional ones that Anthropic accepts. Null costs a union, of which there may be even fewer, so properties that have
 * one anyway go first.
 */
export function fitLimits(schema: JsonSchema): Set<string> {
  const optional: string[] = [];
  const size = sizeWith(schema, (path) => {
    if (!optional.includes(path)) optional.push(path);
    return false;
  });
  if (size.unions > MAX_UNIONS) throw tooManyUnions(size.unions);
  if (size.optionalProperties <= MAX_OPTIONAL) return new Set();
  // Each that becomes nullable costs a union or nothing. If those that cost one are more than both limits together
  // leave room for, trying them one after the other (minutes for thousands) would end the same way.
  const allNullable = sizeWith(schema, () => true);
  if (allNullable.unions - MAX_UNIONS > MAX_OPTIONAL) throw tooManyOptional(size.optionalProperties);

  const nullable = new Set<string>();
  let { unions, optionalProperties } = size;
  for (const budget of [0, 1]) {
    for (const path of optional) {
      if (optionalProperties <= MAX_OPTIONAL) return nullable;
      if (unions === MAX_UNIONS && budget > 0) break;
      if (nullable.has(path)) continue;
      const changed = sizeWith(schema, (other) => nullable.has(other) || other === path);
      if (changed.unions > MAX_UNIONS || changed.unions - unions > budget) continue;
      nullable.add(path);
      ({ unions, optionalProperties } = changed);
    }
  }
  if (optionalProperties <= MAX_OPTIONAL) return nullable;
  throw tooManyOptional(size.optionalProperties);
}

function sizeWith(schema: JsonSchema, isNullable: (path: string) => boolean) {
  const dialect = anthropicDialect({ optional: (path) => (isNullable(path) ? 'nullable' : 'absent') });
  return measureSchema(compileStrict(schema, dialect).schema);
}

function tooManyOptional(optional: number): SchemaError {
  return new SchemaError(
    '',
    `the schema has ${optional} optional properties; Anthropic accepts ${MAX_OPTIONAL}, and at most ` +
      `${MAX_UNIONS} that may have one of several types, which a nullable property is`,
    'Make some of them required, or split the schema over several requests.',
  );
}

function tooManyUnions(unions: number): SchemaError {
  return new SchemaError(
    '',
    `the schema has ${unions} places with one of several types; Anthropic accepts ${MAX_UNIONS}`,
    'Make nullable properties optional instead, or split the schema over several requests.',
  );
}
