import { Ajv } from 'ajv';
import { expect } from 'chai';
import { generateValue } from '../src/answers/value.js';
import { violate } from '../src/answers/violate.js';
import { rowFates, type SandboxRow } from '../src/index.js';
import { Random } from '../src/random.js';
import { runBatch as runAnthropic } from './support/anthropic.js';
import { openAiClient, runBatch } from './support/openai.js';
import { closeSandboxes, openSandbox } from './support/sandbox.js';

const rows = Array.from({ length: 2000 }, (_, index) => `row-${index}`);
const picked = (shares: Parameters<typeof rowFates>[0], turns: number, fate: string) => {
  const fateOf = rowFates(shares, 'seed');
  return rows.filter((customId) => fateOf({ customId, turns }) === fate);
};

describe('the shares of rows that go wrong', () => {
  const shares = { errored: 0.2, invalid: 0.4 };

  it('are as large as asked for, and always of the same rows', () => {
    expect(picked(shares, 0, 'errored').length).to.be.within(320, 480);
    expect(picked(shares, 0, 'invalid').length).to.be.within(680, 920);
    expect(picked(shares, 0, 'invalid')).to.deep.equal(picked(shares, 0, 'invalid'));
    expect(picked({}, 0, 'invalid').concat(picked({}, 0, 'errored'))).to.deep.equal([]);
    expect(picked({ errored: 1, invalid: 1 }, 0, 'errored')).to.have.length(rows.length);
  });

  it('shrink to three tenths after one complaint, and to none after two', () => {
    const [first, second, third] = [0, 1, 2].map((turns) => picked(shares, turns, 'invalid'));

    expect(second!.length / first!.length).to.be.within(0.25, 0.35);
    expect(first).to.include.members(second!);
    expect(third).to.deep.equal([]);
    expect(picked(shares, 2, 'errored')).to.deep.equal(picked(shares, 0, 'errored'));
  });
});

describe('an answer that does not fit', () => {
  const strict = (properties: object, required = Object.keys(properties)) => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });
  const text = { type: 'string' };
  const schemas: Record<string, object> = {
    'of texts and numbers': strict({ name: text, age: { type: 'integer' } }),
    'of what may be null': strict({
      name: { type: ['string', 'null'] },
      age: { anyOf: [{ type: 'null' }, text] },
    }),
    'with nothing required': { type: 'object', properties: { name: text, ok: { type: 'boolean' } } },
    'of objects': strict({ inner: { $ref: '#/$defs/Inner' }, any: {} }),
    'of choices': strict({ kind: { enum: ['a', 'b'] }, one: { const: 1 } }),
    'that is a list': { type: 'array', items: text },
    'without properties': { type: 'object' },
  };
  for (const [name, own] of Object.entries(schemas)) {
    it(`is JSON that a validator refuses: ${name}`, () => {
      const schema = { ...own, $defs: { Inner: strict({ a: text }) } };
      const validate = new Ajv({ strict: false }).compile(schema);
      for (let seed = 0; seed < 50; seed++) {
        const random = new Random(`${seed}`);
        const value = generateValue(schema, random);
        expect(validate(value), JSON.stringify(value)).to.equal(true);
        const broken = violate(value, schema, random);
        expect(validate(broken), JSON.stringify(broken)).to.equal(false);
      }
    });
  }

  it('lacks nothing that may be absent: there it is of another type', () => {
    const schema = strict({ name: { type: ['string', 'null'] } });
    for (let seed = 0; seed < 20; seed++) {
      const broken = violate({ name: 'x' }, schema, new Random(`${seed}`)) as Record<string, unknown>;
      expect(broken['name']).to.be.an('object');
    }
  });
});

describe('a row that was asked before', () => {
  afterEach(closeSandboxes);

  const conversation = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'c' },
  ];

  it('says how often the model has spoken', async () => {
    const seen: Pick<SandboxRow, 'customId' | 'turns'>[] = [];
    const sandbox = await openSandbox({
      outcome: ({ customId, turns }) => void seen.push({ customId, turns }),
    });
    const line = (custom_id: string, url: string, body: object) =>
      JSON.stringify({ custom_id, method: 'POST', url, body: { model: 'gpt-4o', ...body } });
    const client = openAiClient(sandbox);
    await runBatch(client, [line('chat', '/v1/chat/completions', { messages: conversation })]);
    await runBatch(
      client,
      [
        line('response', '/v1/responses', { input: conversation }),
        line('text', '/v1/responses', { input: 'hi' }),
      ],
      '/v1/responses',
    );
    await runAnthropic(sandbox, [
      { custom_id: 'message', params: { model: 'm', max_tokens: 5, messages: conversation } },
    ]);

    expect(seen).to.have.deep.members([
      { customId: 'chat', turns: 1 },
      { customId: 'response', turns: 1 },
      { customId: 'text', turns: 0 },
      { customId: 'message', turns: 1 },
    ]);
  });
});
