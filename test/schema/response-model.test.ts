import { expect } from 'chai';
import { z } from 'zod';
import * as mini from 'zod/mini';
import * as z3 from 'zod/v3';
import { isResponseModelError, type ResponseModelError } from '../../src/schema/response-model-error.js';
import { toResponseModel, type ResponseModelInput } from '../../src/schema/response-model.js';

async function failure(value: unknown, name?: string): Promise<ResponseModelError> {
  try {
    await toResponseModel(value, name);
  } catch (error) {
    if (isResponseModelError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('response models', () => {
  it('take the input side of a zod schema', async () => {
    const model = await toResponseModel(
      z.object({ a: z.string().default('x'), n: z.string().transform(Number) }),
      'Thing',
    );

    expect(model.name).to.equal('Thing');
    expect(model.jsonSchema).to.deep.equal({
      type: 'object',
      properties: { a: { default: 'x', type: 'string' }, n: { type: 'string' } },
      required: ['n'],
    });
    expect(model.validate({ n: '3' })).to.deep.equal({ ok: true, value: { a: 'x', n: 3 } });
  });

  it('take zod/mini, and are named after the title of the schema', async () => {
    const model = await toResponseModel(
      mini.object({ a: mini.optional(mini.string()) }).check(mini.meta({ title: 'Mini' })),
    );

    expect(model.name).to.equal('Mini');
    expect(model.validate({})).to.deep.equal({ ok: true, value: {} });
  });

  it('take JSON Schema of draft-07 and 2020-12, and describe issues with paths', async () => {
    const draft7 = await toResponseModel({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'array',
      items: [
        { type: 'string' },
        { type: 'object', properties: { 'a b': { enum: ['x'] } }, additionalProperties: false },
      ],
    });
    expect(draft7.jsonSchema).not.to.have.property('$schema');
    expect(draft7.validate([3, { 'a b': 'y', z: 1 }])).to.deep.equal({
      ok: false,
      issues: [
        { path: '[0]', message: 'must be string' },
        { path: '[1]', message: "must not have the property 'z'" },
        { path: '[1]["a b"]', message: 'must be one of "x"' },
      ],
    });

    const modern = await toResponseModel({
      type: 'array',
      prefixItems: [{ type: 'string', format: 'email' }],
      items: false,
    });
    expect(modern.validate(['ada@example.com'])).to.include({ ok: true });
    expect(modern.validate(['ada'])).to.include({ ok: false });
  });

  it('understand the nullable of OpenAPI', async () => {
    const model = await toResponseModel({
      type: 'object',
      properties: { a: { allOf: [{ type: 'string' }], nullable: true } },
    });

    expect(model.validate({ a: null })).to.include({ ok: true });
  });

  it('take any library with Standard JSON Schema, even one whose schemas are functions', async () => {
    const schema = Object.assign(() => undefined, {
      '~standard': {
        version: 1,
        vendor: 'acme',
        validate: (value: unknown) =>
          value === 1 ? { value: 'one' } : { issues: [{ message: 'Must be 1', path: [{ key: 'a' }, 0] }] },
        jsonSchema: { input: ({ target }: { target: string }) => ({ $schema: target, type: 'number' }) },
      },
    });
    const model = await toResponseModel(schema);

    expect(model.jsonSchema).to.deep.equal({ type: 'number' });
    expect(model.validate(1)).to.deep.equal({ ok: true, value: 'one' });
    expect(model.validate(2)).to.deep.equal({ ok: false, issues: [{ path: 'a[0]', message: 'must be 1' }] });
  });

  it('explain what is wrong with other things', async () => {
    expect((await failure(z3.z.object({}))).fix).to.match(/zod@4/);
    expect(
      (await failure({ '~standard': { version: 1, vendor: 'acme', validate: () => undefined } })).message,
    ).to.match(/acme/);
    expect((await failure(3, 'n')).message).to.equal('n is a number, not a schema');
    expect((await failure({ hello: 1 })).message).to.match(/an object, not a schema/);
    expect((await failure({ type: 'string', minLength: 'x' })).message).to.match(/not valid/);
  });

  it('name the place of a type that JSON does not have', async () => {
    const cases: [z.ZodType, string, RegExp][] = [
      [
        z.object({ list: z.array(z.object({ born: z.date().optional() })) }),
        '/properties/list/items/properties/born',
        /iso\.datetime/,
      ],
      [z.object({ n: z.bigint().nullable() }), '/properties/n', /BigInt/],
      [z.object({ m: z.map(z.string(), z.string()) }), '/properties/m', /array/],
      [z.object({ s: z.set(z.string()) }), '/properties/s', /array/],
      [z.object({ c: z.custom<string>() }), '/properties/c', /refine/],
      [z.object({ i: z.instanceof(Date) }), '/properties/i', /refine/],
      [z.object({ l: z.literal(3n) }), '/properties/l', /literals/],
    ];
    for (const [schema, place, fix] of cases) {
      const error = await failure(schema, 'Thing');
      expect(error.message).to.include(`${place} of Thing is a zod`);
      expect(error.fix).to.match(fix);
    }
  });

  it('accept such a type if the user says what it looks like, and the input side of a codec', async () => {
    const described = await toResponseModel(
      z.object({ d: z.coerce.date().meta({ type: 'string', format: 'date-time' }) }),
    );
    expect(described.jsonSchema).to.have.nested.property('properties.d.format', 'date-time');

    const codec = z.codec(z.iso.datetime(), z.date(), {
      decode: (text) => new Date(text),
      encode: (date) => date.toISOString(),
    });
    const model = await toResponseModel(z.object({ d: codec }));
    expect(model.validate({ d: '2026-01-02T03:04:05Z' })).to.deep.equal({
      ok: true,
      value: { d: new Date('2026-01-02T03:04:05Z') },
    });
  });

  it('give the type of the answers to whoever takes them', async () => {
    const take = <T>(_model: ResponseModelInput<T>): { last?: T } => ({});
    const fromZod = take(z.object({ n: z.string().transform(Number) }));
    const _fromJson = take({ type: 'object' });

    // Checked by the compiler, not at run time.
    const typed: { last?: { n: number } } = fromZod;
    // @ts-expect-error the output side is a number
    const back: { last?: { n: string } } = fromZod;
    const unknownType: unknown extends NonNullable<(typeof _fromJson)['last']> | undefined | null
      ? true
      : unknown = true;
    expect([typed, back, unknownType]).to.have.length(3);
  });
});
