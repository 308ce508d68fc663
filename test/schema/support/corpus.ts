import { z } from 'zod';

export interface CorpusEntry {
  name: string;
  /** A zod schema or a JSON Schema. */
  schema: unknown;
  /** Where the compilation has to fail, for providers that cannot take the schema. */
  openai?: { path: string; says?: RegExp };
  anthropic?: { path: string; says?: RegExp };
  /** An answer that every compiled schema accepts, where one that is made up would not do. */
  answer?: unknown;
  /** What a user gets for it. */
  result?: unknown;
  /** An answer that the compiled schemas accept, but the user's schema does not. */
  wrong?: unknown;
}

const both = (path: string, says?: RegExp) => ({ openai: { path, says }, anthropic: { path, says } });

interface Category {
  name: string;
  children: Category[];
}
const Category: z.ZodType<Category> = z.lazy(() =>
  z.object({ name: z.string(), children: z.array(Category) }),
);
const Node = z.object({
  value: z.number(),
  get next() {
    return Node.optional();
  },
});
const Expression = z.object({
  operator: z.enum(['+', '-']),
  get left() {
    return z.union([z.number(), Expression]);
  },
  get right() {
    return z.union([z.number(), Expression]).optional();
  },
});
const Address = z.object({ street: z.string(), zip: z.string().optional() });
const Shared = z.object({ code: z.string(), note: z.string().optional() }).meta({ id: 'CorpusShared' });

const deep = (levels: number): z.ZodType =>
  levels === 1 ? z.object({ leaf: z.string() }) : z.object({ inner: deep(levels - 1) });
const many = (count: number, make: () => z.ZodType) =>
  z.object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, make()])));

const zodEntries: CorpusEntry[] = [
  { name: 'flat object', schema: z.object({ name: z.string(), age: z.number(), active: z.boolean() }) },
  {
    name: 'optional scalars',
    schema: z.object({ a: z.string().optional(), b: z.number().optional(), c: z.boolean().optional() }),
  },
  { name: 'nullable scalars', schema: z.object({ a: z.string().nullable(), b: z.number().nullable() }) },
  {
    name: 'nullish',
    schema: z.object({ a: z.string().nullish(), b: z.object({ c: z.string() }).nullish() }),
  },
  {
    name: 'defaults',
    schema: z.object({
      a: z.string().default('x'),
      b: z.number().default(3),
      c: z.array(z.string()).default([]),
    }),
  },
  {
    name: 'optional enum',
    schema: z.object({ unit: z.enum(['F', 'C']).optional(), size: z.enum(['S', 'M']).nullable() }),
  },
  {
    name: 'literals',
    schema: z.object({
      kind: z.literal('a'),
      n: z.literal(3),
      yes: z.literal(true),
      none: z.null(),
      one: z.literal(['x', 'y']),
    }),
  },
  { name: 'mixed literals', schema: z.object({ mixed: z.literal(['a', 1, null]) }) },
  {
    name: 'union of scalars',
    schema: z.object({
      id: z.union([z.string(), z.number()]),
      maybe: z.union([z.string(), z.boolean()]).optional(),
    }),
  },
  {
    name: 'discriminated union',
    schema: z.object({
      shape: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('circle'), radius: z.number(), label: z.string().optional() }),
        z.object({ kind: z.literal('square'), side: z.number(), label: z.string().nullable() }),
      ]),
    }),
  },
  {
    name: 'discriminated union at the root',
    schema: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('ok'), value: z.string().optional() }),
      z.object({ kind: z.literal('error'), reason: z.string() }),
    ]),
  },
  {
    name: 'union told apart by keys',
    schema: z.object({
      item: z.union([z.object({ a: z.string(), x: z.number().optional() }), z.object({ b: z.string() })]),
    }),
  },
  {
    name: 'union that differs in null only',
    schema: z.object({
      v: z.union([z.object({ a: z.string().optional() }), z.object({ a: z.string().nullable() })]),
    }),
  },
  {
    name: 'record',
    schema: z.object({ meta: z.record(z.string(), z.number()) }),
    ...both('/properties/meta', /record/),
  },
  { name: 'record over an enum', schema: z.object({ scores: z.record(z.enum(['a', 'b']), z.number()) }) },
  { name: 'partial record', schema: z.object({ scores: z.partialRecord(z.enum(['a', 'b']), z.string()) }) },
  { name: 'array at the root', schema: z.array(z.object({ a: z.string().optional() })) },
  { name: 'scalar at the root', schema: z.number() },
  { name: 'enum at the root', schema: z.enum(['a', 'b']) },
  { name: 'nullable object at the root', schema: z.object({ a: z.string().optional() }).nullable() },
  { name: 'uniform tuple', schema: z.object({ point: z.tuple([z.number(), z.number()]) }) },
  {
    name: 'nested arrays',
    schema: z.object({ grid: z.array(z.array(z.object({ a: z.number().optional() }))) }),
  },
  {
    name: 'optional objects in arrays',
    schema: z.object({ people: z.array(z.object({ name: z.string(), address: Address.optional() })) }),
  },
  {
    name: 'recursion by z.lazy',
    schema: Category,
    anthropic: { path: '/properties/children/items', says: /contains itself/ },
  },
  {
    name: 'recursion by a getter',
    schema: Node,
    anthropic: { path: '/properties/next', says: /contains itself/ },
  },
  { name: 'recursion in a union', schema: Expression, anthropic: { path: '/properties/left/anyOf/1' } },
  {
    name: 'recursion below an array root',
    schema: z.array(Node),
    anthropic: { path: '/$defs/__schema0/properties/next' },
  },
  {
    name: 'intersection of objects',
    schema: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number().optional() })),
  },
  {
    name: 'intersection with a union',
    schema: z.object({
      v: z.intersection(
        z.object({ a: z.string() }),
        z.union([z.object({ b: z.string() }), z.object({ c: z.string() })]),
      ),
    }),
  },
  { name: 'intersection of shared schemas', schema: z.object({ v: z.intersection(Shared, Address) }) },
  {
    name: 'shared schema twice',
    schema: z.object({ first: Shared, second: Shared.optional(), third: Shared.describe('The third') }),
  },
  {
    name: 'formats',
    schema: z.object({
      email: z.email(),
      url: z.url(),
      uuid: z.uuid(),
      when: z.iso.datetime(),
      day: z.iso.date(),
      ip: z.ipv4(),
    }),
  },
  {
    name: 'bounds of numbers',
    schema: z.object({
      a: z.number().min(1).max(10),
      b: z.int().positive(),
      c: z.number().multipleOf(5),
      d: z.int(),
    }),
  },
  {
    name: 'bounds of strings',
    schema: z.object({
      a: z.string().min(2).max(10),
      b: z.string().regex(/^[A-Z]{2}-\d+$/),
      c: z.string().regex(/^(?=a).*/),
    }),
  },
  {
    name: 'bounds of arrays',
    schema: z.object({ a: z.array(z.string()).min(1).max(3), b: z.array(z.number()).length(2) }),
  },
  { name: 'two patterns', schema: z.object({ a: z.string().regex(/^a/).regex(/f$/) }) },
  {
    name: 'transform and pipe',
    schema: z.object({
      n: z.string().transform((text) => text.length),
      d: z.iso.datetime().transform((text) => new Date(text)),
    }),
  },
  { name: 'coercion', schema: z.object({ n: z.coerce.number() }), openai: undefined },
  {
    name: 'refinement',
    schema: z.object({ a: z.number().refine((n) => n > 0), b: z.string() }).refine((v) => v.b !== ''),
  },
  {
    name: 'described',
    schema: z
      .object({ a: z.string().describe('A name'), b: Address.describe('Where').optional() })
      .describe('A person'),
  },
  { name: 'any', schema: z.object({ x: z.any() }), ...both('/properties/x', /any type/) },
  {
    name: 'unknown in an array',
    schema: z.object({ xs: z.array(z.unknown()) }),
    ...both('/properties/xs/items', /any type/),
  },
  { name: 'empty object', schema: z.object({}), ...both('', /without declared properties/) },
  {
    name: 'empty object inside',
    schema: z.object({ inner: z.object({}) }),
    ...both('/properties/inner', /without declared properties/),
  },
  { name: 'loose object', schema: z.looseObject({ a: z.string() }) },
  { name: 'strict object', schema: z.strictObject({ a: z.string(), b: z.string().optional() }) },
  { name: 'catchall', schema: z.object({ a: z.string() }).catchall(z.number()) },
  { name: 'never property', schema: z.object({ a: z.string(), b: z.never().optional() }) },
  { name: 'template literal', schema: z.object({ code: z.templateLiteral(['AB-', z.number()]) }) },
  { name: 'readonly and branded', schema: z.object({ a: z.string().readonly(), b: z.string().brand('B') }) },
  { name: 'ten levels', schema: deep(10) },
  {
    name: 'eleven levels',
    schema: deep(11),
    openai: { path: '/properties/inner'.repeat(10), says: /11 levels/ },
  },
  { name: 'thirty optional properties', schema: many(30, () => z.string().optional()) },
  {
    name: 'sixty optional properties',
    schema: many(60, () => z.string().optional()),
    anthropic: { path: '', says: /60 optional/ },
  },
  {
    name: 'forty nullable optional properties',
    schema: many(20, () => z.string().nullable()),
    anthropic: { path: '', says: /one of several types/ },
  },
  {
    name: 'a huge enum',
    schema: z.object({ e: z.enum(Array.from({ length: 1001 }, (_, i) => `v${i}`) as [string, ...string[]]) }),
    openai: { path: '/properties/e', says: /1001 enum values/ },
  },
  {
    name: 'too many properties',
    schema: many(5001, () => z.string()),
    openai: { path: '', says: /5001 properties/ },
  },
];

const jsonEntries: CorpusEntry[] = [
  {
    name: 'a property called constructor',
    schema: JSON.parse(
      '{"type":"object","properties":{"constructor":{"type":"string"},"a":{"type":"string"}}}',
    ),
  },
  {
    name: 'draft-07 definitions',
    schema: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { $ref: '#/definitions/A' }, b: { $ref: '#/definitions/A' } },
      required: ['a'],
      definitions: {
        A: { type: 'object', properties: { x: { type: 'string' }, y: { type: 'integer' } }, required: ['x'] },
      },
    },
  },
  {
    name: 'draft-07 tuple',
    schema: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: {
        t: { type: 'array', items: [{ type: 'number' }, { type: 'number' }], minItems: 2, maxItems: 2 },
      },
      required: ['t'],
    },
  },
  {
    name: 'reference to a property',
    schema: {
      type: 'object',
      properties: {
        a: { type: 'object', properties: { n: { type: 'number' } } },
        b: { $ref: '#/properties/a' },
      },
      required: ['a', 'b'],
    },
  },
  {
    name: 'reference at the root',
    schema: {
      $ref: '#/$defs/Tree',
      $defs: {
        Tree: {
          type: 'object',
          properties: { v: { type: 'string' }, kids: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
          required: ['v'],
        },
      },
    },
    anthropic: { path: '/$defs/Tree/properties/kids/items' },
  },
  {
    name: 'recursion to the root',
    schema: { type: 'object', properties: { v: { type: 'string' }, next: { $ref: '#' } }, required: ['v'] },
    anthropic: { path: '/properties/next' },
  },
  {
    name: 'recursion through a described reference',
    schema: {
      type: 'object',
      properties: { v: { type: 'string' }, next: { $ref: '#', description: 'The next one' } },
      required: ['v'],
    },
    anthropic: { path: '/properties/next' },
  },
  {
    name: 'recursion to a wrapped root',
    schema: { type: 'array', items: { anyOf: [{ type: 'string' }, { $ref: '#' }] } },
    anthropic: { path: '/items/anyOf/1' },
  },
  {
    name: 'mutual recursion',
    schema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/A' } },
      required: ['a'],
      $defs: {
        A: { type: 'object', properties: { b: { $ref: '#/$defs/B' } } },
        B: { type: 'object', properties: { a: { $ref: '#/$defs/A' }, s: { type: 'string' } } },
      },
    },
    anthropic: { path: '/$defs/B/properties/a' },
  },
  {
    name: 'endless reference',
    schema: { type: 'object', properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { $ref: '#/$defs/A' } } },
    ...both('/properties/a', /back to itself/),
  },
  {
    name: 'external reference',
    schema: { type: 'object', properties: { a: { $ref: 'https://example.com/a.json' } } },
    ...both('/properties/a/$ref', /outside/),
  },
  {
    name: 'dangling reference',
    schema: { type: 'object', properties: { a: { $ref: '#/$defs/Nope' } } },
    ...both('/properties/a/$ref', /nothing/),
  },
  {
    name: 'allOf of references',
    schema: {
      type: 'object',
      properties: {
        p: {
          allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }, { properties: { c: { type: 'string' } } }],
        },
      },
      required: ['p'],
      $defs: {
        A: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        B: { type: 'object', properties: { b: { type: 'integer' } } },
      },
    },
  },
  {
    name: 'allOf with one reference',
    schema: {
      type: 'object',
      properties: { p: { allOf: [{ $ref: '#/$defs/A' }], description: 'A person' } },
      $defs: { A: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
    },
  },
  {
    name: 'contradicting allOf',
    schema: {
      type: 'object',
      properties: {
        p: {
          allOf: [
            {
              type: 'object',
              properties: { a: { type: 'string' } },
              required: ['a'],
              additionalProperties: false,
            },
            {
              type: 'object',
              properties: { b: { type: 'string' } },
              required: ['b'],
              additionalProperties: false,
            },
          ],
        },
      },
      required: ['p'],
    },
    ...both('/properties/p/allOf/0/properties/a', /forbidden/),
  },
  {
    name: 'contradicting types',
    schema: {
      type: 'object',
      properties: { p: { allOf: [{ type: 'string' }, { type: 'number' }] } },
      required: ['p'],
    },
    ...both('/properties/p', /no value fits/),
  },
  {
    name: 'openapi nullable',
    schema: {
      type: 'object',
      properties: {
        a: { type: 'string', nullable: true },
        b: { $ref: '#/$defs/B', nullable: true },
        c: { type: 'string', enum: ['x'], nullable: true },
      },
      required: ['a', 'b'],
      $defs: { B: { type: 'object', properties: { n: { type: 'number' } } } },
    },
  },
  {
    name: 'openapi discriminator',
    schema: {
      type: 'object',
      properties: {
        pet: {
          oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }],
          discriminator: { propertyName: 'kind' },
        },
      },
      required: ['pet'],
      $defs: {
        Cat: {
          type: 'object',
          properties: { kind: { const: 'cat' }, lives: { type: 'integer' } },
          required: ['kind'],
        },
        Dog: {
          type: 'object',
          properties: { kind: { const: 'dog' }, bark: { type: 'string' } },
          required: ['kind'],
        },
      },
    },
  },
  {
    name: 'type arrays',
    schema: {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'] },
        b: { type: ['string', 'integer'] },
        c: { type: ['object', 'null'], properties: { x: { type: 'string' } } },
        d: { type: ['array', 'null'], items: { type: 'string' } },
      },
      required: ['a', 'c'],
    },
  },
  {
    name: 'requirements as a union',
    schema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  },
  {
    name: 'conditions',
    schema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      required: ['a', 'b'],
      if: { properties: { a: { const: 'q' } } },
      then: { properties: { b: { const: 'r' } } },
    },
  },
  {
    name: 'keywords beyond every provider',
    schema: {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'string' }, contains: { const: 'abcdef' } },
        b: { type: 'string', contentEncoding: 'base64', not: { const: 'z' } },
      },
      required: ['a', 'b'],
      minProperties: 1,
      dependentRequired: { a: ['b'] },
    },
  },
  {
    name: 'additionalProperties: true',
    schema: {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: true,
    },
  },
  {
    name: 'patternProperties alone',
    schema: { type: 'object', patternProperties: { '^x': { type: 'string' } } },
    ...both('', /record/),
  },
  {
    name: 'array without items',
    schema: { type: 'object', properties: { a: { type: 'array' } } },
    ...both('/properties/a', /items/),
  },
  {
    name: 'required but undeclared',
    schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] },
    ...both('/required', /"b"/),
  },
  {
    name: 'enum of objects',
    schema: { type: 'object', properties: { a: { enum: [{ x: 1 }] } } },
    ...both('/properties/a', /enum/),
  },
  {
    name: 'exclusive bounds of old',
    schema: {
      type: 'object',
      properties: { a: { type: 'number', minimum: 3, exclusiveMinimum: true } },
      required: ['a'],
    },
  },
  {
    name: 'empty schema',
    schema: { $schema: 'https://json-schema.org/draft/2020-12/schema' },
    ...both('', /any type/),
  },
  { name: 'no type but properties', schema: { properties: { a: { type: 'string' } } } },
  {
    name: 'names with slashes',
    schema: {
      type: 'object',
      properties: {
        'a/b~c': { type: 'object', properties: { m: { additionalProperties: { type: 'string' } } } },
      },
    },
    ...both('/properties/a~1b~0c/properties/m', /record/),
  },
];

export const corpus: CorpusEntry[] = [...zodEntries, ...jsonEntries];
