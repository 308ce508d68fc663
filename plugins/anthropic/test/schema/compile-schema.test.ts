import { expect } from 'chai';
import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { compileSchema } from '../../src/schema/compile-schema.js';

const compile = (schema: JsonSchema, mode: 'format' | 'tool' = 'format') =>
  compileSchema(schema, { model: 'claude-haiku-4-5', name: 'Person' }, { mode });
const object = (properties: JsonSchema, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const optionals = (count: number, schema: JsonSchema) =>
  object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, schema])), []);

describe('compiling a schema for Anthropic', () => {
  it('lets optional properties stay optional, closes objects, and keeps defaults', () => {
    const { schema, mode } = compile(
      object({ a: { type: 'string', default: 'x' }, b: { type: 'integer' } }, ['b']),
    );

    expect(mode).to.equal('format');
    expect(schema).to.deep.equal({
      type: 'object',
      properties: { a: { type: 'string', default: 'x' }, b: { type: 'integer' } },
      required: ['b'],
      additionalProperties: false,
    });
  });

  it('tells the model about bounds that Anthropic does not know', () => {
    const { schema, dropped } = compile(
      object({
        a: { type: 'array', items: { type: 'number', minimum: 1 }, minItems: 2 },
        b: { type: 'array', items: { type: 'string' }, minItems: 1 },
      }),
    );

    expect(schema.properties).to.deep.equal({
      a: {
        type: 'array',
        items: { type: 'number', description: 'Must be at least 1.' },
        description: 'Must have at least 2 items.',
      },
      b: { type: 'array', items: { type: 'string' }, minItems: 1 },
    });
    expect(dropped.map(({ path }) => path)).to.deep.equal(['/properties/a/items', '/properties/a']);
  });

  it('makes the surplus of optional properties required but nullable, and decodes them back', () => {
    const { schema, decode } = compile(optionals(30, { type: 'string' }));

    expect(schema.required).to.have.length(6);
    const answer = Object.fromEntries((schema.required as string[]).map((name) => [name, null]));
    expect(decode(answer)).to.deep.equal({});
  });

  it('prefers properties that are a union anyway', () => {
    const mixed = optionals(26, { type: 'string' });
    (mixed.properties as JsonSchema).p25 = { type: ['string', 'null'] };
    (mixed.properties as JsonSchema).p24 = { anyOf: [{ type: 'string' }, { type: 'number' }] };

    expect(compile(mixed).schema.required).to.have.members(['p24', 'p25']);
  });

  it('refuses recursion with its place', () => {
    expect(() => compile(object({ next: { $ref: '#' } }, [])))
      .to.throw(/contains itself/)
      .with.property('path', '/properties/next');
  });

  describe('as the input of a tool', () => {
    it('sends the schema as it is, recursion and bounds included', () => {
      const schema = object({ a: { type: 'number', minimum: 3 }, next: { $ref: '#' } }, ['a']);

      const compiled = compile(schema, 'tool');

      expect(compiled).to.deep.include({ mode: 'tool', schema, dropped: [] });
      expect(compiled.decode({ a: 3, next: { a: 4, next: null } })).to.deep.equal({ a: 3, next: { a: 4 } });
    });

    it('wraps another root and moves its references', () => {
      const compiled = compile(
        {
          type: 'array',
          items: { anyOf: [{ $ref: '#' }, { $ref: '#/definitions/A' }] },
          definitions: { A: { type: 'string' } },
        },
        'tool',
      );

      expect(compiled.schema).to.deep.equal({
        type: 'object',
        properties: {
          result: {
            type: 'array',
            items: { anyOf: [{ $ref: '#/properties/result' }, { $ref: '#/definitions/A' }] },
          },
        },
        required: ['result'],
        additionalProperties: false,
        definitions: { A: { type: 'string' } },
      });
      expect(compiled.decode({ result: ['a'] })).to.deep.equal(['a']);
    });

    it('refuses references out of the schema', () => {
      expect(() => compile(object({ a: { $ref: 'other.json' } }), 'tool'))
        .to.throw(/outside/)
        .with.property('path', '/properties/a/$ref');
    });
  });
});
