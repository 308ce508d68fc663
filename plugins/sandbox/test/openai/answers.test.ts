import { Ajv } from 'ajv';
import { expect } from 'chai';
import { askInBatch, openAiClient, runBatch } from '../support/openai.js';
import { closeSandboxes, openSandbox, PERSON, type Json } from '../support/sandbox.js';
import type { RowFate } from '../../src/index.js';

const format = (schema: object, strict = true) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'person', strict, schema } },
});

describe('OpenAI answers', () => {
  afterEach(closeSandboxes);

  const ask = async (body: object, fate?: RowFate): Promise<Json> =>
    askInBatch(openAiClient(await openSandbox({ outcome: () => fate })), body);

  it('mention the question where no schema is asked for', async () => {
    const { choices, usage } = await ask({});
    expect(choices[0].message.content).to.contain('Question of only');
    expect(choices[0].finish_reason).to.equal('stop');
    expect(usage.total_tokens).to.equal(usage.prompt_tokens + usage.completion_tokens);
  });

  it('are JSON that fits the schema', async () => {
    const { choices } = await ask(format(PERSON));
    expect(JSON.parse(choices[0].message.content)).to.have.all.keys('name', 'age');
  });

  it('call the function that they are forced to', async () => {
    const tool = { type: 'function', function: { name: 'save', parameters: PERSON } };
    const { choices } = await ask({
      tools: [tool],
      tool_choice: { type: 'function', function: { name: 'save' } },
    });
    const [call] = choices[0].message.tool_calls;
    expect(call.function.name).to.equal('save');
    expect(JSON.parse(call.function.arguments)).to.have.all.keys('name', 'age');
    expect(choices[0].message.content).to.equal(null);
  });

  it('can be refused, cut off, or not fit', async () => {
    const refused = (await ask(format(PERSON), 'refused')).choices[0];
    expect([refused.message.content, refused.message.refusal]).to.satisfy(
      ([content, refusal]: [unknown, unknown]) => content === null && typeof refusal === 'string',
    );
    const truncated = (await ask(format(PERSON), 'truncated')).choices[0];
    expect(truncated.finish_reason).to.equal('length');
    expect(() => JSON.parse(truncated.message.content)).to.throw();
    const invalid = (await ask(format(PERSON), 'invalid')).choices[0];
    expect(new Ajv().validate(PERSON, JSON.parse(invalid.message.content))).to.equal(false);
  });

  describe('of models that reason', () => {
    for (const model of ['o1', 'o3-mini', 'o4-mini', 'gpt-5', 'gpt-5.1-mini']) {
      it(`refuse max_tokens and a temperature: ${model}`, async () => {
        expect((await ask({ model, max_tokens: 5 })).error).to.include({
          param: 'max_tokens',
          code: 'unsupported_parameter',
        });
        expect((await ask({ model, temperature: 0.2 })).error).to.include({
          param: 'temperature',
          code: 'unsupported_value',
        });
      });
    }

    it('take what they do support', async () => {
      const answer = await ask({ model: 'gpt-5-mini', max_completion_tokens: 5, temperature: 1 });
      expect(answer.usage.completion_tokens_details.reasoning_tokens).to.be.greaterThan(0);
      expect(await ask({ model: 'gpt-4o', max_tokens: 5, temperature: 0.2 })).to.have.property('choices');
      expect(await ask({ model: 'gpt-5-chat-latest', max_tokens: 5 })).to.have.property('choices');
    });
  });

  describe('with a strict schema', () => {
    const open = { ...PERSON, additionalProperties: undefined };
    const faults: [name: string, schema: object, words: string][] = [
      [
        'an open object',
        open,
        "In context=(), 'additionalProperties' is required to be supplied and to be false.",
      ],
      ['an optional property', { ...PERSON, required: ['name'] }, "Missing 'age'"],
      [
        'a keyword that is not supported',
        { ...PERSON, minProperties: 1 },
        "'minProperties' is not permitted",
      ],
      [
        'an array as root',
        { type: 'array', items: PERSON },
        `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'`,
      ],
      ['a union as root', { type: 'object', anyOf: [PERSON] }, "schema must be a JSON Schema of 'type"],
      [
        'a nested open object',
        { ...PERSON, properties: { name: open, age: { type: 'integer' } } },
        "In context=('properties', 'name')",
      ],
      [
        'a format it does not know',
        { ...PERSON, properties: { name: { type: 'string', format: 'uri' }, age: { type: 'integer' } } },
        "'uri' is not a valid format",
      ],
    ];
    for (const [name, schema, words] of faults) {
      it(`are refused for ${name}`, async () => {
        const { error } = await ask(format(schema));
        expect(error.message).to.contain("Invalid schema for response_format 'person'").and.to.contain(words);
        expect(error.param).to.equal('response_format');
      });
    }

    it('are checked loosely where strict is not asked for', async () => {
      expect(await ask(format(open, false))).to.have.property('choices');
    });

    it('may be recursive', async () => {
      const node = {
        type: 'object',
        properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
        required: ['next'],
        additionalProperties: false,
      };
      expect(await ask(format(node))).to.have.property('choices');
    });
  });

  it('of the Responses API have its shape', async () => {
    const line = (id: string, body: object): string =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/responses',
        body: { model: 'gpt-5-mini', input: 'How old?', ...body },
      });
    const text = { format: { type: 'json_schema', name: 'person', strict: true, schema: PERSON } };
    const { batch, output, errors } = await runBatch(
      openAiClient(await openSandbox()),
      [line('plain', {}), line('schema', { text }), line('moved', { max_tokens: 5 })],
      '/v1/responses',
    );
    const body = (id: string): Json => output.find((item) => item.custom_id === id).response.body;
    const message = (id: string): Json => body(id).output.find((item: Json) => item.type === 'message');
    expect(body('plain')).to.include({ object: 'response', status: 'completed' });
    expect(message('plain').content[0].text).to.contain('How old?');
    expect(JSON.parse(message('schema').content[0].text)).to.have.all.keys('name', 'age');
    expect(errors[0].response.body.error.message).to.contain("'max_output_tokens'");
    expect(batch.usage?.output_tokens_details.reasoning_tokens).to.be.greaterThan(0);
  });

  it('can be embeddings, in batches and one at a time', async () => {
    const client = openAiClient(await openSandbox());
    const body = { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 4 };
    const line = JSON.stringify({ custom_id: 'e', method: 'POST', url: '/v1/embeddings', body });
    const { output, batch } = await runBatch(client, [line], '/v1/embeddings');
    const { data, usage } = output[0].response.body;
    expect(data.map((item: Json) => item.embedding.length)).to.deep.equal([4, 4]);
    expect(Math.hypot(...data[0].embedding)).to.be.closeTo(1, 1e-6);
    expect(batch.usage?.input_tokens).to.equal(usage.prompt_tokens);
    const direct = await client.embeddings.create(body);
    expect(direct.data[0]?.embedding[0]).to.be.closeTo(data[0].embedding[0], 1e-6);
  });

  it('can be had without a batch', async () => {
    const client = openAiClient(await openSandbox());
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
    expect(answer.choices[0]?.message.content).to.contain('Hello');
    const response = await client.responses.create({ model: 'gpt-4o-mini', input: 'Hello' });
    expect(response.output_text).to.contain('Hello');
  });
});
