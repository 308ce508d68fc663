import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { addRuleKeywords } from './rule-keywords.js';

/** The documented rules of a provider, as a JSON Schema that every compiled schema has to fit. */
interface Rules {
  /** Keywords of strings, numbers and arrays. */
  string: Record<string, unknown>;
  number: Record<string, unknown>;
  array: Record<string, unknown>;
  /** Keywords that may stand on any schema but a reference. */
  anywhere: Record<string, unknown>;
  /** For objects and for the root, in the keywords of `rule-keywords.ts`. */
  object: Record<string, unknown>;
  root: Record<string, unknown>;
}

const number = { type: 'number' };
const count = { type: 'integer', minimum: 0 };
const description = { type: 'string', minLength: 1 };
const node = { $ref: '#/$defs/node' };
/** Neither look-around nor back references nor word boundaries. */
const pattern = { type: 'string', format: 'regex', not: { pattern: String.raw`\(\?(?!:)|\\[1-9bBk]` } };
const common = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];

/** https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas */
const OPENAI: Rules = {
  string: { pattern, format: { enum: common } },
  number: {
    ...{ minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number },
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
  },
  array: { minItems: count, maxItems: count },
  anywhere: { description },
  object: { requiresAll: true },
  root: {
    resolves: true,
    maxNesting: 10,
    maxTotals: { properties: 5000, enumValues: 1000, characters: 120_000 },
    maxLongEnum: { values: 250, characters: 15_000 },
  },
};

/** Models fine-tuned by a user know no bounds, patterns or formats. */
const FINE_TUNED: Rules = { ...OPENAI, string: {}, number: {}, array: {} };

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
const ANTHROPIC: Rules = {
  string: { pattern, format: { enum: [...common, 'uri'] } },
  number: {},
  array: { minItems: { enum: [0, 1] } },
  anywhere: { description, default: {} },
  object: {},
  root: { resolves: true, notRecursive: true, maxTotals: { optional: 24, unions: 16 } },
};

function metaSchema(rules: Rules): Record<string, unknown> {
  const { anywhere } = rules;
  const closed = (properties: Record<string, unknown>, required: string[], more = {}) => ({
    type: 'object',
    properties: { ...anywhere, ...properties },
    required,
    additionalProperties: false,
    ...more,
  });
  const typed = (name: string, value: unknown, more: Record<string, unknown> = {}) =>
    closed(
      {
        type: { anyOf: [{ const: name }, { type: 'array', items: { enum: [name, 'null'] }, minItems: 2 }] },
        enum: { type: 'array', minItems: 1, uniqueItems: true, items: value },
        const: value,
        ...more,
      },
      ['type'],
    );
  const object = (more: Record<string, unknown>, extra = {}) =>
    closed(
      {
        type: { const: 'object' },
        properties: { type: 'object', minProperties: 1, additionalProperties: node },
        required: { type: 'array', uniqueItems: true, items: { type: 'string' } },
        additionalProperties: { const: false },
        ...more,
      },
      ['type', 'properties', 'additionalProperties'],
      { ...rules.object, ...extra },
    );
  return {
    // Never a union or a reference.
    ...object({ $defs: { type: 'object', minProperties: 1, additionalProperties: node } }, rules.root),
    $defs: {
      node: {
        anyOf: [
          // A reference stands alone.
          { type: 'object', properties: { $ref: { type: 'string' } }, required: ['$ref'], maxProperties: 1 },
          closed({ anyOf: { type: 'array', minItems: 1, items: node } }, ['anyOf']),
          object({}),
          closed({ type: { const: 'array' }, items: node, ...rules.array }, ['type', 'items']),
          typed('string', { type: ['string', 'null'] }, rules.string),
          typed('number', { type: ['number', 'null'] }, rules.number),
          typed('integer', { type: ['integer', 'null'] }, rules.number),
          typed('boolean', { type: ['boolean', 'null'] }),
          closed({ type: { const: 'null' } }, ['type']),
        ],
      },
    },
  };
}

function compile(rules: Rules): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
  formats.default(ajv);
  addRuleKeywords(ajv);
  return ajv.compile(metaSchema(rules));
}

const CHECKS = {
  openai: compile(OPENAI),
  'openai, fine-tuned': compile(FINE_TUNED),
  anthropic: compile(ANTHROPIC),
};
export type RuleSet = keyof typeof CHECKS;

/** What ajv finds in a compiled schema that breaks the documented rules of a provider. */
export function brokenRules(provider: RuleSet, schema: unknown): ErrorObject[] {
  const check = CHECKS[provider];
  return check(schema) ? [] : (check.errors ?? []);
}
