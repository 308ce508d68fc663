import { SchemaError } from '@instructor-cli/provider-kit';
import {
  lengthOf,
  measureSchema,
  type SchemaSize,
  type StrictSchema,
} from '@instructor-cli/provider-kit/json-schema';

const MAX_NESTING = 10;
const MAX_PROPERTIES = 5000;
const MAX_ENUM_VALUES = 1000;
const MAX_CHARACTERS = 120_000;
/** An enum with more values than this may have fewer characters. */
const LONG_ENUM = 250;
const MAX_LONG_ENUM_CHARACTERS = 15_000;

/** Refuses a schema that is larger than OpenAI takes. */
export function checkLimits({ schema, origins }: Pick<StrictSchema, 'schema' | 'origins'>): void {
  const size = measureSchema(schema);
  if (size.nesting > MAX_NESTING) {
    throw new SchemaError(
      origins.get(size.deepest) ?? '',
      tooMuch(size.nesting, 'levels of nesting', MAX_NESTING),
      'Flatten it, or move the inner part into "$defs" and refer to it.',
    );
  }
  if (size.properties > MAX_PROPERTIES) {
    throw new SchemaError(
      '',
      tooMuch(size.properties, 'properties', MAX_PROPERTIES),
      'Split it over several requests.',
    );
  }
  if (size.enumValues > MAX_ENUM_VALUES) {
    const path = origins.get(largestEnum(size).schema) ?? '';
    throw new SchemaError(
      path,
      tooMuch(size.enumValues, 'enum values', MAX_ENUM_VALUES),
      'Use a string instead of the enum.',
    );
  }
  for (const { schema: holder, values } of size.enums) {
    const characters = lengthOf(values);
    if (values.length <= LONG_ENUM || characters <= MAX_LONG_ENUM_CHARACTERS) continue;
    throw new SchemaError(
      origins.get(holder) ?? '',
      tooMuch(characters, `characters in an enum of more than ${LONG_ENUM} values`, MAX_LONG_ENUM_CHARACTERS),
      'Use shorter values, such as codes.',
    );
  }
  if (size.characters > MAX_CHARACTERS) {
    throw new SchemaError(
      '',
      tooMuch(size.characters, 'characters of names, enum values and constants', MAX_CHARACTERS),
      'Use shorter names and values, or split the schema over several requests.',
    );
  }
}

function largestEnum(size: SchemaSize): SchemaSize['enums'][number] {
  return size.enums.reduce((largest, other) =>
    other.values.length > largest.values.length ? other : largest,
  );
}

function tooMuch(actual: number, what: string, limit: number): string {
  return `the schema has ${actual} ${what}; OpenAI accepts ${limit}`;
}
