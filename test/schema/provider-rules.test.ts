import { expect } from 'chai';
import { brokenRules, type RuleSet } from './support/provider-rules.js';

/** A schema that every rule set takes. */
const fine = () => ({
  type: 'object',
  properties: { a: { type: 'string', description: 'A' }, b: { $ref: '#/$defs/B' } },
  required: ['a', 'b'],
  additionalProperties: false,
  $defs: {
    B: { type: 'object', properties: { c: { type: 'null' } }, required: ['c'], additionalProperties: false },
  },
});
const withA = (a: unknown) => ({ ...fine(), properties: { ...fine().properties, a } });
const deep = (levels: number): object => ({
  type: 'object',
  properties: { a: levels === 1 ? { type: 'string' } : deep(levels - 1) },
  required: ['a'],
  additionalProperties: false,
});
const texts = (count: number, value: string) => Array.from({ length: count }, (_, index) => value + index);

const BROKEN: { what: string; schema: unknown; by: RuleSet[] }[] = [
  {
    what: 'an open object',
    schema: { ...fine(), additionalProperties: true },
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  {
    what: 'an optional property',
    schema: { ...fine(), required: ['a'] },
    by: ['openai', 'openai, fine-tuned'],
  },
  {
    what: 'a union at the root',
    schema: { anyOf: [fine()] },
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  {
    what: 'a keyword that is unknown',
    schema: withA({ type: 'string', minLength: 1 }),
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  { what: 'a bound', schema: withA({ type: 'number', minimum: 1 }), by: ['openai, fine-tuned', 'anthropic'] },
  {
    what: 'a format of web addresses',
    schema: withA({ type: 'string', format: 'uri' }),
    by: ['openai', 'openai, fine-tuned'],
  },
  {
    what: 'a look-ahead',
    schema: withA({ type: 'string', pattern: '^(?=a)' }),
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  {
    what: 'a reference to nothing',
    schema: withA({ $ref: '#/$defs/C' }),
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  {
    what: 'words beside a reference',
    schema: withA({ $ref: '#/$defs/B', description: 'B' }),
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  { what: 'recursion', schema: withA({ $ref: '#' }), by: ['anthropic'] },
  { what: 'eleven levels', schema: deep(11), by: ['openai', 'openai, fine-tuned'] },
  {
    what: 'a thousand and one values',
    schema: withA({ type: 'string', enum: texts(1001, 'v') }),
    by: ['openai', 'openai, fine-tuned'],
  },
  {
    what: 'long values, many of them',
    schema: withA({ type: 'string', enum: texts(251, 'v'.repeat(60)) }),
    by: ['openai', 'openai, fine-tuned'],
  },
  {
    what: 'twenty-five optional properties',
    schema: {
      type: 'object',
      properties: Object.fromEntries(texts(25, 'p').map((name) => [name, { type: 'string' }])),
      additionalProperties: false,
    },
    by: ['openai', 'openai, fine-tuned', 'anthropic'],
  },
  {
    what: 'seventeen unions',
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        texts(17, 'p').map((name) => [name, { anyOf: [{ type: 'string' }, { type: 'null' }] }]),
      ),
      required: texts(17, 'p'),
      additionalProperties: false,
    },
    by: ['anthropic'],
  },
];

describe('the documented rules that compiled schemas are held to', () => {
  const sets: RuleSet[] = ['openai', 'openai, fine-tuned', 'anthropic'];

  it('take a plain schema', () => {
    for (const set of sets) expect(brokenRules(set, fine()), set).to.deep.equal([]);
  });

  for (const { what, schema, by } of BROKEN) {
    it(`notice ${what}`, () => {
      expect(sets.filter((set) => brokenRules(set, schema).length > 0)).to.deep.equal(by);
    });
  }
});
