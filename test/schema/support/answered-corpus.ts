import { z } from 'zod';
import type { CorpusEntry } from './corpus.js';

/** Schemas whose answers are written down, since what counts is what the user's own schema makes of them. */

const Temperature = z.object({ unit: z.enum(['C', 'F']), degrees: z.number() });
const Comment = z.object({
  text: z.string(),
  get replies() {
    return z.array(Comment).optional();
  },
});

const zodEntries: CorpusEntry[] = [
  {
    name: 'a date made of a text',
    schema: z.object({ born: z.iso.date().transform((text) => new Date(text)) }),
    answer: { born: '1815-12-10' },
    result: { born: new Date('1815-12-10') },
  },
  {
    name: 'a codec for dates',
    schema: z.object({
      at: z.codec(z.iso.datetime(), z.date(), {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString(),
      }),
    }),
    answer: { at: '2026-01-02T03:04:05Z' },
    result: { at: new Date('2026-01-02T03:04:05Z') },
  },
  {
    name: 'a refinement over two properties',
    schema: z.object({ from: z.number(), to: z.number() }).refine(({ from, to }) => from <= to),
    answer: { from: 1, to: 2 },
    wrong: { from: 2, to: 1 },
  },
  {
    name: 'a refinement in a list',
    schema: z.object({ even: z.array(z.int().refine((n) => n % 2 === 0)) }),
    answer: { even: [2, 4] },
    wrong: { even: [2, 3] },
  },
  {
    name: 'superRefine over a list',
    schema: z.object({
      names: z.array(z.string()).superRefine((names, context) => {
        if (new Set(names).size < names.length) context.addIssue('twice the same');
      }),
    }),
    answer: { names: ['a', 'b'] },
    wrong: { names: ['a', 'a'] },
  },
  {
    name: 'a refinement that waits',
    schema: z.object({ a: z.string().refine(async (text) => Promise.resolve(text !== 'no')) }),
    answer: { a: 'yes' },
    wrong: { a: 'no' },
  },
  {
    name: 'a refinement in a branch of a union',
    schema: z.object({
      v: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('n'), n: z.number().refine((n) => n !== 13) }),
        z.object({ kind: z.literal('s'), s: z.string() }),
      ]),
    }),
    answer: { v: { kind: 'n', n: 12 } },
    wrong: { v: { kind: 'n', n: 13 } },
  },
  {
    name: 'a refinement below a recursion',
    schema: Comment.refine(({ text }) => text !== ''),
    anthropic: { path: '/$defs/__schema0/properties/replies/items', says: /contains itself/ },
    answer: { text: 'a', replies: [{ text: 'b', replies: null }] },
    result: { text: 'a', replies: [{ text: 'b' }] },
    wrong: { text: '', replies: null },
  },
  {
    name: 'lengths that some providers do not know',
    schema: z.object({ code: z.string().length(3) }),
    answer: { code: 'abc' },
    wrong: { code: 'abcd' },
  },
  {
    name: 'a look-ahead that no provider takes',
    schema: z.object({ word: z.string().regex(/^(?!no).*$/) }),
    answer: { word: 'yes' },
    wrong: { word: 'nobody' },
  },
  {
    name: 'tuple of different types',
    schema: z.object({ row: z.tuple([z.string(), z.number(), z.boolean()]) }),
    answer: { row: ['a', 1, true] },
    wrong: { row: [true, 1, 'a'] },
  },
  {
    name: 'tuple with a rest',
    schema: z.object({ row: z.tuple([z.string()], z.number()) }),
    answer: { row: ['a', 1, 2] },
    wrong: { row: ['a', 'b'] },
  },
  {
    name: 'trimmed and lower-cased',
    schema: z.object({ tag: z.string().trim().toLowerCase() }),
    answer: { tag: ' News ' },
    result: { tag: 'news' },
  },
  {
    name: 'preprocess',
    schema: z.object({ n: z.preprocess((value) => Math.round(Number(value)), z.int()) }),
    answer: { n: 3 },
    result: { n: 3 },
  },
  {
    name: 'a string that means a boolean',
    schema: z.object({ yes: z.stringbool() }),
    answer: { yes: 'true' },
    result: { yes: true },
    wrong: { yes: 'perhaps' },
  },
  {
    name: 'coercion into a number',
    schema: z.object({ n: z.coerce.number().min(1) }),
    answer: { n: 2 },
    result: { n: 2 },
  },
  {
    name: 'a pipe into a narrower schema',
    schema: z.object({ s: z.string().pipe(z.enum(['a', 'b'])) }),
    answer: { s: 'a' },
    wrong: { s: 'c' },
  },
  {
    name: 'catch',
    schema: z.object({ level: z.enum(['low', 'high']).catch('low') }),
    answer: { level: 'high' },
    result: { level: 'high' },
  },
  {
    name: 'a branded type with a transform',
    schema: z.object({
      id: z
        .string()
        .brand('Id')
        .transform((id) => `#${id}`),
    }),
    answer: { id: '1' },
    result: { id: '#1' },
  },
  {
    name: 'transform of the whole',
    schema: Temperature.transform(({ unit, degrees }) => (unit === 'C' ? degrees : ((degrees - 32) * 5) / 9)),
    answer: { unit: 'F', degrees: 212 },
    result: 100,
  },
  {
    name: 'transform of a list at the root',
    schema: z.array(Temperature).transform((list) => list.length),
    answer: { result: [{ unit: 'C', degrees: 3 }] },
    result: 1,
  },
  {
    name: 'a map written as pairs',
    schema: z.object({
      scores: z
        .array(z.object({ key: z.string(), value: z.number() }))
        .transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))),
    }),
    answer: { scores: [{ key: 'a', value: 1 }] },
    result: { scores: { a: 1 } },
  },
  {
    name: 'an enum of six hundred values',
    schema: z.object({ code: z.enum(Array.from({ length: 600 }, (_, index) => `code-${index}`)) }),
    answer: { code: 'code-599' },
  },
  {
    name: 'an enum of six hundred long values',
    schema: z.object({
      code: z.enum(Array.from({ length: 600 }, (_, index) => `a rather long value, number ${index}`)),
    }),
    openai: { path: '/properties/code', says: /characters in an enum/ },
    answer: { code: 'a rather long value, number 7' },
  },
  {
    name: 'names and values beyond every budget',
    schema: z.object(
      Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [`${'n'.repeat(700)}${index}`, z.string()]),
      ),
    ),
    openai: { path: '', says: /characters of names/ },
  },
  {
    name: 'two thousand optional properties',
    schema: z.object(
      Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, z.string().optional()])),
    ),
    anthropic: { path: '', says: /2000 optional properties/ },
    answer: Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, null])),
    result: {},
  },
  {
    name: 'nullable optionals of every kind',
    schema: z.object({
      a: z.string().nullable().optional(),
      b: z.array(z.number().nullable()).nullish(),
      c: z.enum(['x', 'y']).nullish(),
      d: z.literal('z').nullish(),
      e: z.object({ f: z.boolean().optional() }).nullish(),
    }),
    answer: { a: null, b: [null, 1], c: null, d: null, e: null },
    result: { a: null, b: [null, 1], c: null, d: null, e: null },
  },
  {
    name: 'a default inside an optional object',
    schema: z.object({ options: z.object({ size: z.number().default(3) }).optional() }),
    answer: { options: { size: 4 } },
    result: { options: { size: 4 } },
  },
  {
    name: 'unions within unions',
    schema: z.object({
      v: z.union([
        z.string(),
        z.discriminatedUnion('kind', [
          z.object({
            kind: z.literal('a'),
            list: z.array(z.union([z.number(), z.object({ n: z.number() })])),
          }),
          z.object({ kind: z.literal('b') }),
        ]),
      ]),
    }),
    answer: { v: { kind: 'a', list: [1, { n: 2 }] } },
    result: { v: { kind: 'a', list: [1, { n: 2 }] } },
  },
  {
    name: 'any JSON',
    schema: z.object({ data: z.json() }),
    openai: { path: '/$defs/__schema0/anyOf/5', says: /record/ },
    anthropic: { path: '/$defs/__schema0/anyOf/4/items', says: /contains itself/ },
  },
];

const jsonEntries: CorpusEntry[] = [
  {
    name: 'as pydantic writes it',
    schema: {
      title: 'Order',
      type: 'object',
      $defs: {
        Item: {
          title: 'Item',
          type: 'object',
          properties: {
            sku: { title: 'Sku', type: 'string' },
            amount: { title: 'Amount', type: 'integer', exclusiveMinimum: 0 },
          },
          required: ['sku', 'amount'],
        },
      },
      properties: {
        items: { title: 'Items', type: 'array', items: { $ref: '#/$defs/Item' } },
        note: { title: 'Note', anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
      },
      required: ['items'],
    },
    answer: { items: [{ sku: 'a', amount: 2 }], note: null },
    result: { items: [{ sku: 'a', amount: 2 }], note: null },
  },
  {
    name: 'items that must differ',
    schema: {
      type: 'object',
      properties: { tags: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
      required: ['tags'],
    },
    answer: { tags: ['a', 'b'] },
    wrong: { tags: ['a', 'a'] },
  },
  {
    name: 'branches of which only one may fit',
    schema: {
      type: 'object',
      properties: {
        n: {
          oneOf: [
            { type: 'integer', multipleOf: 3 },
            { type: 'integer', multipleOf: 5 },
          ],
        },
      },
      required: ['n'],
    },
    answer: { n: 3 },
    wrong: { n: 15 },
  },
  {
    name: 'one property that needs another',
    schema: {
      type: 'object',
      properties: { card: { type: ['string', 'null'] }, name: { type: 'string' } },
      required: ['card', 'name'],
      dependentSchemas: { card: { properties: { name: { minLength: 1 } } } },
    },
    answer: { card: null, name: 'Ada' },
    wrong: { card: 'x', name: '' },
  },
  {
    name: 'definitions with names that need escapes',
    schema: {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a~1b%20c' }, b: { $ref: '#/$defs/%C3%A9' } },
      required: ['a', 'b'],
      $defs: {
        'a/b c': { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] },
        é: { type: 'integer' },
      },
    },
    answer: { a: { x: 'y' }, b: 3 },
    result: { a: { x: 'y' }, b: 3 },
  },
  {
    name: 'properties called like keywords',
    schema: {
      type: 'object',
      properties: {
        type: { type: 'string' },
        properties: { type: 'object', properties: { $ref: { type: 'string' } }, required: ['$ref'] },
        enum: { type: 'array', items: { type: 'number' } },
        required: { type: 'boolean' },
      },
      required: ['type', 'properties', 'enum', 'required'],
    },
    answer: { type: 'a', properties: { $ref: 'b' }, enum: [1], required: true },
    result: { type: 'a', properties: { $ref: 'b' }, enum: [1], required: true },
  },
  {
    name: 'properties with strange names',
    schema: {
      type: 'object',
      properties: { '': { type: 'string' }, 'a b': { type: 'number' }, 'naïve 😀': { type: 'boolean' } },
      required: ['', 'a b', 'naïve 😀'],
    },
    answer: { '': 'a', 'a b': 1, 'naïve 😀': true },
    result: { '': 'a', 'a b': 1, 'naïve 😀': true },
  },
  {
    name: 'recursion through allOf',
    schema: {
      type: 'object',
      properties: { tree: { $ref: '#/$defs/Tree' } },
      required: ['tree'],
      $defs: {
        Tree: {
          allOf: [
            { type: 'object', properties: { v: { type: 'string' } }, required: ['v'] },
            {
              properties: { left: { anyOf: [{ $ref: '#/$defs/Tree' }, { type: 'null' }] } },
              required: ['left'],
            },
          ],
        },
      },
    },
    anthropic: { path: '/$defs/Tree/allOf/1/properties/left/anyOf/0' },
    answer: { tree: { v: 'a', left: { v: 'b', left: null } } },
    result: { tree: { v: 'a', left: { v: 'b', left: null } } },
  },
  {
    name: 'an enum with null and several types',
    schema: {
      type: 'object',
      properties: { grade: { enum: ['a', 'b', 1, 2.5, true, null] } },
      required: ['grade'],
    },
    answer: { grade: 2.5 },
    result: { grade: 2.5 },
  },
  {
    name: 'allOf that narrows a reference',
    schema: {
      type: 'object',
      properties: { n: { allOf: [{ $ref: '#/$defs/Positive' }, { maximum: 10 }] } },
      required: ['n'],
      $defs: { Positive: { type: 'integer', minimum: 1 } },
    },
    answer: { n: 10 },
    result: { n: 10 },
  },
  {
    name: 'deep arrays of objects',
    schema: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: {
            type: 'array',
            items: {
              type: 'object',
              properties: { b: { type: 'array', items: { type: 'string' } } },
              required: ['b'],
            },
          },
        },
      },
      required: ['a'],
    },
    answer: { a: [[{ b: ['c'] }], []] },
    result: { a: [[{ b: ['c'] }], []] },
  },
];

export const answered: CorpusEntry[] = [...zodEntries, ...jsonEntries];
