import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { generateValue } from '../../src/answers/value.js';
import { Random } from '../../src/random.js';

const object = (properties: object, rest: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
});

const SCHEMAS: Record<string, object> = {
  'a flat object': object({ name: { type: 'string' }, age: { type: 'integer' }, ok: { type: 'boolean' } }),
  'optional properties': { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } } },
  'an enum of mixed types': object({ value: { enum: ['a', 2, null, true] } }),
  'a const': object({ kind: { const: 'fixed' }, version: { const: 3 } }),
  'a nullable type list': object({ note: { type: ['string', 'null'] } }),
  'an optional reference': object(
    { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } },
    { $defs: { a: object({ b: { type: 'string' } }) } },
  ),
  'a union of objects': object({
    shape: {
      anyOf: [
        object({ kind: { const: 'circle' }, radius: { type: 'number', exclusiveMinimum: 0 } }),
        object({ kind: { const: 'square' }, side: { type: 'number', minimum: 1 } }),
      ],
    },
  }),
  'a recursive tree': object(
    { root: { $ref: '#/$defs/node' } },
    {
      $defs: {
        node: object({
          label: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/node' } },
        }),
      },
    },
  ),
  'a linked list': object(
    { head: { $ref: '#/$defs/link' } },
    { $defs: { link: object({ next: { anyOf: [{ $ref: '#/$defs/link' }, { type: 'null' }] } }) } },
  ),
  'a recursion to the root': object({ child: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }),
  'an expression with several ways into recursion': object(
    { tree: { $ref: '#/$defs/e' } },
    {
      $defs: {
        e: {
          anyOf: [
            object({ left: { $ref: '#/$defs/e' }, right: { $ref: '#/$defs/e' } }),
            object({ leaf: { type: 'integer' } }),
          ],
        },
      },
    },
  ),
  formats: object(
    Object.fromEntries(
      ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri'].map(
        (format) => [format, { type: 'string', format }],
      ),
    ),
  ),
  'number bounds': object({
    a: { type: 'integer', minimum: 5, maximum: 7 },
    b: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.01 },
    c: { type: 'integer', maximum: -10 },
    d: { type: 'number', minimum: 1e6 },
    e: { type: 'integer', exclusiveMinimum: 3, exclusiveMaximum: 5 },
  }),
  multiples: object({
    a: { type: 'integer', multipleOf: 7, minimum: 10 },
    b: { type: 'number', multipleOf: 0.25 },
    c: { type: 'number', multipleOf: 5, maximum: 20, minimum: 1 },
  }),
  'text lengths': object({
    short: { type: 'string', maxLength: 3 },
    long: { type: 'string', minLength: 200, maxLength: 220 },
    exact: { type: 'string', minLength: 12, maxLength: 12 },
    empty: { type: 'string', maxLength: 0 },
  }),
  patterns: object({
    sku: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
    hex: { type: 'string', pattern: '^#(?:[0-9a-f]{3}|[0-9a-f]{6})$' },
    slug: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
    phone: { type: 'string', pattern: '^\\+?[1-9]\\d{1,14}$' },
    negated: { type: 'string', pattern: '^[^\\s,]+$' },
    named: { type: 'string', pattern: '^(?<year>\\d{4})/(?<month>0[1-9]|1[0-2])$' },
    unanchored: { type: 'string', pattern: 'abc' },
    sized: { type: 'string', pattern: '^[a-z]+$', minLength: 30, maxLength: 40 },
  }),
  'array sizes': object({
    two: { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
    none: { type: 'array', items: { type: 'string' }, maxItems: 0 },
    many: { type: 'array', items: { type: 'boolean' }, minItems: 12 },
  }),
  'unique items': object({
    set: { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
  }),
  tuples: {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'integer' }],
    items: false,
    minItems: 2,
  },
  'combined schemas': {
    allOf: [
      { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
      { properties: { a: { maximum: 4 }, b: { type: 'string' } }, required: ['b'] },
    ],
  },
  'a map': { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
  'a reference with siblings': object(
    { a: { $ref: '#/$defs/a', description: 'an a' } },
    { $defs: { a: { type: 'string', format: 'uuid' } } },
  ),
  'a reference whose name is escaped': object(
    { a: { $ref: '#/$defs/a~1b%20c' } },
    { $defs: { 'a/b c': { type: 'integer' } } },
  ),
  'no type at all': { properties: { anything: {}, text: { minLength: 3 } }, required: ['anything', 'text'] },
  'an array at the root': {
    type: 'array',
    items: object({ id: { type: 'string', format: 'uuid' } }),
    minItems: 1,
  },
  'a union at the root': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
  'deep nesting': object({
    a: object({
      b: object({ c: object({ d: object({ e: { type: 'array', items: { type: 'string' } } }) }) }),
    }),
  }),
  'items that contain something': { type: 'array', items: { type: 'integer' }, contains: { const: 7 } },
};

describe('generated answers', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);

  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`fit ${name}`, () => {
      const validate = ajv.compile(schema);
      for (let seed = 0; seed < 50; seed++) {
        const value = generateValue(schema, new Random(`seed ${seed}`));
        const survivor: unknown = JSON.parse(JSON.stringify(value));
        expect(validate(survivor), `${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`).to.equal(
          true,
        );
      }
    });
  }

  it('are the same for the same seed, and others for another one', () => {
    const schema = SCHEMAS['a flat object'];
    const first = generateValue(schema, new Random('one'));
    expect(generateValue(schema, new Random('one'))).to.deep.equal(first);
    expect(generateValue(schema, new Random('two'))).to.not.deep.equal(first);
  });

  it('have properties of any name', () => {
    const schema: unknown = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"const":1},"constructor":{"const":2}},"required":["__proto__","constructor"]}',
    );
    expect(JSON.stringify(generateValue(schema, new Random('x')))).to.equal(
      '{"__proto__":1,"constructor":2}',
    );
  });

  it('come to an end for schemas that have none', () => {
    const endless = object({ next: { $ref: '#' } });
    expect(() => JSON.stringify(generateValue(endless, new Random('x')))).to.not.throw();
    expect(() => generateValue({ $ref: '#' }, new Random('x'))).to.not.throw();
  });

  it('fall back to plain words for a pattern that cannot be written backwards', () => {
    const value = generateValue({ type: 'string', pattern: '^(?=.*x)(?!y)z' }, new Random('x'));
    expect(value).to.be.a('string').with.length.greaterThan(0);
  });
});
