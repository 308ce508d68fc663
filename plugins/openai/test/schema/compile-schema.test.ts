import { expect } from 'chai';
import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { compileSchema } from '../../src/schema/compile-schema.js';

const compile = (schema: JsonSchema, model = 'gpt-4o-mini') =>
  compileSchema(schema, { model, name: 'Person' });
const object = (properties: JsonSchema, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

describe('compiling a schema for OpenAI', () => {
  it('requires every property, lets optional ones be null, and closes every object', () => {
    const { schema, mode } = compile(
      object({ a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'integer' } } } }, []),
    );

    expect(mode).to.equal('format');
    expect(schema).to.deep.equal({
      type: 'object',
      properties: {
        a: { type: ['string', 'null'] },
        b: {
          anyOf: [
            {
              type: 'object',
              properties: { c: { type: ['integer', 'null'] } },
              required: ['c'],
              additionalProperties: false,
            },
            { type: 'null' },
          ],
        },
      },
      required: ['a', 'b'],
      additionalProperties: false,
    });
  });

  it('wraps a root that is not an object, and unwraps the answer', () => {
    const { schema, decode } = compile({ anyOf: [object({ a: { const: 1 } }), object({ a: { const: 2 } })] });

    expect(schema.required).to.deep.equal(['result']);
    expect(decode({ result: { a: 2 } })).to.deep.equal({ a: 2 });
  });

  it('keeps recursion, and lets it refer to the root or to the wrapped root', () => {
    const node = object({ v: { type: 'string' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } });

    expect(JSON.stringify(compile(node).schema)).to.include('{"$ref":"#"}');
    const wrapped = compile({
      type: 'array',
      items: { $ref: '#/$defs/n/x' },
      $defs: { n: { x: { ...node, properties: { v: { $ref: '#' } }, required: ['v'] } } },
    });
    expect(wrapped.schema.properties).to.deep.equal({ result: { $ref: '#/$defs/root' } });
  });

  it('gives draft-07 definitions and the siblings of references a place', () => {
    const { schema } = compile({
      ...object(
        {
          a: { $ref: '#/definitions/A' },
          b: { $ref: '#/definitions/A', description: 'Described' },
          c: { $ref: '#/definitions/A' },
        },
        ['a', 'b'],
      ),
      definitions: { A: object({ x: { type: 'string' } }) },
    });

    const definition = {
      type: 'object',
      properties: { x: { type: 'string' } },
      required: ['x'],
      additionalProperties: false,
    };
    expect(schema.$defs).to.deep.equal({ A: definition });
    expect(schema.properties).to.deep.equal({
      a: { $ref: '#/$defs/A' },
      b: { ...definition, description: 'Described' },
      c: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] },
    });
  });

  it('tells the model what OpenAI does not enforce, and reports it with its place', () => {
    const { schema, dropped } = compile(
      object({ a: { type: 'string', minLength: 2, format: 'uri', default: 'x', description: 'A link' } }),
    );

    expect(schema.properties).to.deep.equal({
      a: {
        type: 'string',
        description: 'A link. Default: "x". Must have the format "uri". Must have at least 2 characters.',
      },
    });
    expect(dropped.map(({ path, keyword }) => `${path} ${keyword}`)).to.deep.equal([
      '/properties/a format',
      '/properties/a minLength',
    ]);
  });

  it('reports properties that can no longer be added', () => {
    const { dropped } = compile({ ...object({ a: { type: 'string' } }), additionalProperties: true });

    expect(dropped.map(({ path, keyword }) => `${path} ${keyword}`)).to.deep.equal([' additionalProperties']);
  });

  it('drops patterns with look-around, which OpenAI refuses', () => {
    const { schema } = compile(
      object({ a: { type: 'string', pattern: '^(?!x).*$' }, b: { type: 'string', pattern: '^a$' } }),
    );

    expect(schema.properties).to.deep.include({ b: { type: 'string', pattern: '^a$' } });
    expect((schema.properties as Record<string, JsonSchema>).a).not.to.have.property('pattern');
  });

  it('drops bounds for fine-tuned models', () => {
    const schema = object({
      a: { type: 'number', minimum: 3 },
      b: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    });

    expect(JSON.stringify(compile(schema).schema))
      .to.include('"minimum":3')
      .and.to.include('"maxItems":3');
    const fineTuned = compile(schema, 'ft:gpt-4o-mini:acme::abc');
    expect(fineTuned.schema.properties).to.deep.include({
      a: { type: 'number', description: 'Must be at least 3.' },
    });
    expect(fineTuned.dropped).to.have.length(2);
  });

  it('spells tuples out in words', () => {
    const { schema } = compile(
      object({
        t: {
          type: 'array',
          prefixItems: [{ type: 'string' }, { type: 'number' }],
          items: false,
          minItems: 2,
        },
      }),
    );

    expect(schema.properties).to.deep.equal({
      t: {
        type: 'array',
        items: { anyOf: [{ type: 'string' }, { type: 'number' }] },
        minItems: 2,
        maxItems: 2,
        description: 'Items in this order: 1. string; 2. number.',
      },
    });
  });

  it('refuses a long enum with long values', () => {
    const values = Array.from({ length: 251 }, (_, index) => `${'x'.repeat(60)}${index}`);

    expect(() => compile(object({ a: { enum: values } })))
      .to.throw(/251|250/)
      .with.property('path', '/properties/a');
  });
});
