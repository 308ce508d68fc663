import { expect } from 'chai';
import { z } from 'zod';
import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { compileSchema as forAnthropic } from '../../plugins/anthropic/src/schema/compile-schema.js';
import { compileSchema as forOpenai } from '../../plugins/openai/src/schema/compile-schema.js';
import { inOrder, type Finding } from '../../src/schema/finding.js';
import { lintCompiled } from '../../src/schema/lint-compiled.js';
import { toResponseModel } from '../../src/schema/response-model.js';

type Compile = (schema: JsonSchema) => ReturnType<typeof forOpenai>;

const openai: Compile = (schema) => forOpenai(schema, { model: 'gpt-4o-mini', name: 'x' });
const anthropic: Compile = (schema) =>
  forAnthropic(schema, { model: 'claude-haiku-4-5', name: 'x' }, { mode: 'format' });
const tool: Compile = (schema) =>
  forAnthropic(schema, { model: 'claude-3-haiku', name: 'x' }, { mode: 'tool' });

async function findings(schema: unknown, compile: Compile): Promise<Finding[]> {
  const { jsonSchema } = await toResponseModel(schema, 'Thing');
  return inOrder(lintCompiled(jsonSchema, compile(jsonSchema), 'Acme'));
}

async function found(schema: unknown, compile: Compile): Promise<string[]> {
  return (await findings(schema, compile)).map(({ level, rule, path }) => `${level} ${rule} ${path}`);
}

describe('looking at what became of a schema', () => {
  it('warns of keywords that only the check of the answer knows', async () => {
    const schema = z.object({ n: z.number().min(1), s: z.string().min(1), when: z.iso.date() });

    expect(await found(schema, openai)).to.deep.equal([
      'warning not_enforced /properties/s',
      // The format beside it says the same.
      'info not_enforced /properties/when',
    ]);
    const [first] = await findings(schema, anthropic);
    expect(first).to.include({ level: 'warning', path: '/properties/n' });
    expect(first?.message).to.match(/"minimum".*the answer is checked against it/);
    expect(await found(schema, tool)).to.deep.equal([]);
  });

  it('tells what an optional property becomes, through lists, unions, references and a wrapped root', async () => {
    const Item = z.object({ a: z.string().optional(), b: z.number().nullish() });
    const schema = z.array(
      z.object({ item: Item.optional(), items: z.array(z.union([z.string(), Item])), any: z.string() }),
    );

    const byOpenai = await findings(schema, openai);
    const optional = byOpenai.filter(({ rule }) => rule === 'optional');
    expect(optional.map(({ path }) => path)).to.deep.equal([
      '/items/properties/item',
      '/items/properties/item/properties/a',
      '/items/properties/item/properties/b',
      '/items/properties/items/items/anyOf/1/properties/a',
      '/items/properties/items/items/anyOf/1/properties/b',
    ]);
    expect(optional[1]?.message).to.match(/required but possibly null; null comes back as absent/);
    expect(optional[2]?.message).to.match(/null is left as it is/);
    const byAnthropic = (await findings(schema, anthropic)).filter(({ rule }) => rule === 'optional');
    expect(byAnthropic).to.have.lengthOf(5);
    for (const { message } of byAnthropic) expect(message).to.match(/may leave it out/);
  });

  it('tells optional properties apart that one provider treats differently', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
    const schema = z.object(Object.fromEntries(names.map((name) => [name, z.string().optional()])));

    const messages = (await findings(schema, anthropic)).map(({ message }) => message);

    expect(messages.filter((message) => message.includes('leave it out'))).to.have.lengthOf(24);
    expect(messages.filter((message) => message.includes('comes back as absent'))).to.have.lengthOf(6);
  });

  it('takes a requirement in another part of an allOf for one', async () => {
    const schema = {
      type: 'object',
      allOf: [{ properties: { a: { type: 'string' }, b: { type: 'string' } } }, { required: ['a'] }],
    };

    expect(await found(schema, openai)).to.deep.equal(['info optional /allOf/0/properties/b']);
  });

  it('says that a root was wrapped, but not of an object with one property', async () => {
    expect(
      await found(z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), openai),
    ).to.deep.equal(['info wrapped ']);
    expect(await found(z.object({ result: z.string() }), openai)).to.deep.equal([]);
  });

  it('says where a schema contains itself, if the provider takes that', async () => {
    const Node = z.object({
      v: z.string(),
      get kids() {
        return z.array(Node);
      },
    });

    expect(await found(Node, openai)).to.deep.equal(['info recursion /properties/kids/items']);
    expect(await found(Node, tool)).to.deep.equal(['info recursion /properties/kids/items']);
  });
});
