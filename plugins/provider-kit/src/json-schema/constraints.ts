import { keywordOf, type SchemaPart, type TypeName } from './types.js';

/** A keyword that narrows a value down beyond its type and its parts. */
export interface Constraint {
  keyword: string;
  value: unknown;
  /** The schema that holds the keyword. */
  path: string;
}

/** The types that each constraint says something about; `any` for those that concern every value. */
const TYPES_OF_CONSTRAINT: Record<string, readonly TypeName[] | 'any'> = {
  // Formats come before patterns: a format that is kept makes the pattern beside it superfluous.
  format: ['string'],
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  contentEncoding: ['string'],
  contentMediaType: ['string'],
  contentSchema: ['string'],
  minimum: ['number', 'integer'],
  maximum: ['number', 'integer'],
  exclusiveMinimum: ['number', 'integer'],
  exclusiveMaximum: ['number', 'integer'],
  multipleOf: ['number', 'integer'],
  minItems: ['array'],
  maxItems: ['array'],
  uniqueItems: ['array'],
  contains: ['array'],
  minContains: ['array'],
  maxContains: ['array'],
  minProperties: ['object'],
  maxProperties: ['object'],
  propertyNames: ['object'],
  patternProperties: ['object'],
  dependentRequired: ['object'],
  dependentSchemas: ['object'],
  dependencies: ['object'],
  not: 'any',
  if: 'any',
};

export const CONSTRAINT_KEYWORDS = Object.keys(TYPES_OF_CONSTRAINT);

/** Of two lower bounds the greater one counts, of two upper bounds the smaller one. */
const LOWER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const UPPER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/** The constraints of all parts together. */
export function collectConstraints(parts: SchemaPart[]): Constraint[] {
  const collected: Constraint[] = [];
  for (const keyword of CONSTRAINT_KEYWORDS) {
    for (const part of parts) {
      const value = constraintValue(part, keyword);
      if (value === undefined || saysNothing(keyword, value)) continue;
      const same = collected.find((other) => other.keyword === keyword);
      if (
        same &&
        typeof value === 'number' &&
        typeof same.value === 'number' &&
        (LOWER.has(keyword) || UPPER.has(keyword))
      ) {
        if (LOWER.has(keyword) ? value > same.value : value < same.value)
          Object.assign(same, { value, path: part.path });
      } else if (!collected.some((other) => other.keyword === keyword && other.value === value)) {
        collected.push({ keyword, value, path: part.path });
      }
    }
  }
  return collected;
}

export function concerns(constraint: Constraint, type: TypeName): boolean {
  const types = TYPES_OF_CONSTRAINT[constraint.keyword];
  return types === 'any' || (types?.includes(type) ?? false);
}

/** The types a schema without `type` has in mind, judged by its constraints. */
export function impliedTypes(constraints: Constraint[]): TypeName[] {
  const implied = new Set<TypeName>();
  for (const { keyword } of constraints) {
    const types = TYPES_OF_CONSTRAINT[keyword];
    if (types && types !== 'any' && types[0]) implied.add(types[0]);
  }
  return [...implied];
}

function constraintValue(part: SchemaPart, keyword: string): unknown {
  const value = keywordOf(part, keyword);
  // Draft 4 and OpenAPI 3.0 write an exclusive bound as a flag beside the bound.
  if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') {
    const bound = keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum';
    if (value === true) return keywordOf(part, bound);
    return value === false ? undefined : value;
  }
  if (keyword === 'minimum' && keywordOf(part, 'exclusiveMinimum') === true) return undefined;
  if (keyword === 'maximum' && keywordOf(part, 'exclusiveMaximum') === true) return undefined;
  if (keyword === 'if') {
    const branches = { if: value, then: keywordOf(part, 'then'), else: keywordOf(part, 'else') };
    return value === undefined || (branches.then === undefined && branches.else === undefined)
      ? undefined
      : branches;
  }
  return value;
}

function saysNothing(keyword: string, value: unknown): boolean {
  if (value === 0) return LOWER.has(keyword) && keyword.startsWith('min') && keyword !== 'minimum';
  if (value === false) return keyword === 'uniqueItems';
  // zod writes the range of safe integers for every `z.int()`; nobody asked for it.
  if (keyword === 'minimum') return value === Number.MIN_SAFE_INTEGER;
  if (keyword === 'maximum') return value === Number.MAX_SAFE_INTEGER;
  return false;
}
