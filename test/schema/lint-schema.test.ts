import { expect } from 'chai';
import { z } from 'zod';
import { inOrder } from '../../src/schema/finding.js';
import { lintSchema } from '../../src/schema/lint-schema.js';
import { toResponseModel } from '../../src/schema/response-model.js';

/** The findings as `rule path`, in the order in which they are shown. */
async function found(schema: unknown): Promise<string[]> {
  const findings = inOrder(lintSchema(await toResponseModel(schema, 'Thing')));
  for (const { message, fix } of findings) {
    expect(message).to.be.a('string');
    expect(fix).to.be.a('string');
  }
  return findings.map(({ rule, path }) => `${rule} ${path}`);
}

describe('looking at a schema', () => {
  it('finds properties without a description, wherever they stand', async () => {
    const schema = z.object({
      a: z.string(),
      b: z.string().describe('B'),
      c: z.array(z.object({ d: z.number().nullable(), e: z.number().describe('E').nullish() })).describe('C'),
      f: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('x'), g: z.string() }),
        z.object({ kind: z.literal('y') }).describe('Y'),
      ]),
      h: z.record(z.string(), z.object({ i: z.string() })).describe('H'),
      j: z.tuple([z.object({ k: z.string() })]).describe('J'),
    });

    expect(await found(schema)).to.include.members([
      'no_description /properties/a',
      'no_description /properties/c/items/properties/d',
      'no_description /properties/f/oneOf/0/properties/g',
      'no_description /properties/h/additionalProperties/properties/i',
      'no_description /properties/j/prefixItems/0/properties/k',
    ]);
    const names = (await found(schema)).filter((finding) => finding.startsWith('no_description'));
    expect(names).to.have.lengthOf(5);
  });

  it('takes the description of a definition, and a title that says more than the name', async () => {
    const findings = await found({
      type: 'object',
      properties: {
        a: { $ref: '#/$defs/A' },
        b: { $ref: '#/$defs/A' },
        zip_code: { type: 'string', title: 'Zip Code' },
        place: { type: 'string', title: 'Where it happened' },
      },
      $defs: { A: { description: 'An A', type: 'object', properties: { n: { type: 'number' } } } },
    });

    expect(findings).to.deep.equal([
      'no_description /$defs/A/properties/n',
      'no_description /properties/zip_code',
    ]);
  });

  it('finds every place that leaves open what comes', async () => {
    const findings = await found({
      description: 'Open',
      type: 'object',
      properties: {
        any: { description: 'a' },
        yes: true,
        list: { type: 'array', description: 'l' },
        items: { type: 'array', items: {}, description: 'i' },
        record: { type: 'object', additionalProperties: { type: 'string' }, description: 'r' },
        union: { anyOf: [{ type: 'string' }, {}], description: 'u' },
        scores: {
          type: 'object',
          propertyNames: { enum: ['a', 'b'] },
          additionalProperties: { type: 'number' },
          description: 's',
        },
        merged: { type: 'object', allOf: [{ properties: { x: { const: 1 } } }], description: 'm' },
        bound: { minLength: 3, description: 'b' },
      },
    });

    expect(findings).to.deep.equal([
      'free_form /properties/any',
      'free_form /properties/items/items',
      'free_form /properties/list',
      'free_form /properties/record',
      'free_form /properties/union/anyOf/1',
      'no_description /properties/yes',
      'free_form /properties/yes',
    ]);
  });

  it('names the refinements and transforms of zod, which run on the answer', async () => {
    const schema = z
      .object({
        a: z.string().trim().describe('a'),
        b: z
          .array(z.number().refine((n) => n > 0))
          .describe('b')
          .superRefine(() => undefined),
        c: z.iso
          .date()
          .describe('c')
          .transform((text) => new Date(text)),
        d: z.preprocess((value) => value, z.string()).describe('d'),
        e: z.string().min(3).describe('e'),
      })
      .refine(() => true);

    expect(await found(schema)).to.deep.equal([
      'refinement ',
      'transform /properties/a',
      'refinement /properties/b',
      'refinement /properties/b/items',
      'transform /properties/c',
      'transform /properties/d',
    ]);
  });

  it('ends with schemas that contain themselves or refer to nothing', async () => {
    const Node = z.object({
      v: z.string(),
      get next() {
        return Node.optional();
      },
    });

    expect(await found(Node)).to.deep.equal([
      'no_description /properties/next',
      'no_description /properties/v',
    ]);
    const broken = { type: 'object', properties: { a: { $ref: '#/$defs/Nope' } } };
    const model = { name: 'x', jsonSchema: broken, validate: () => ({ ok: true, value: 0 }) as const };
    expect(lintSchema(model).map(({ rule }) => rule)).to.deep.equal(['no_description']);
  });
});
