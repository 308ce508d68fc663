import { Ajv } from 'ajv';
import { expect } from 'chai';
import { anthropicClient, askInBatch } from '../support/anthropic.js';
import { closeSandboxes, openSandbox, PERSON, type Json } from '../support/sandbox.js';
import type { RowFate } from '../../src/index.js';

const format = (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } });

describe('Anthropic answers', () => {
  afterEach(closeSandboxes);

  const ask = async (params: object, fate?: RowFate, headers?: Record<string, string>): Promise<Json> =>
    askInBatch(await openSandbox({ outcome: () => fate }), params, headers);

  const problem = async (params: object, headers?: Record<string, string>): Promise<string> => {
    const result = await ask(params, undefined, headers);
    expect(result.type).to.equal('errored');
    expect(result.error.error.type).to.equal('invalid_request_error');
    return result.error.error.message;
  };

  it('mention the question where no schema is asked for', async () => {
    const { message } = await ask({});
    expect(message).to.include({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(message.content[0].text).to.contain('Question of only');
    expect(message.usage.service_tier).to.equal('batch');
  });

  it('fit the schema of the format or of the forced tool', async () => {
    const { message } = await ask(format(PERSON));
    expect(JSON.parse(message.content[0].text)).to.have.all.keys('name', 'age');
    const tools = [{ name: 'save', input_schema: PERSON }];
    const called = (await ask({ tools, tool_choice: { type: 'tool', name: 'save' } })).message;
    expect(called.stop_reason).to.equal('tool_use');
    expect(called.content[0]).to.include({ type: 'tool_use', name: 'save' });
    expect(called.content[0].input).to.have.all.keys('name', 'age');
  });

  it('can be cut off or not fit', async () => {
    const truncated = (await ask(format(PERSON), 'truncated')).message;
    expect(() => JSON.parse(truncated.content[0].text)).to.throw();
    const invalid = (await ask(format(PERSON), 'invalid')).message;
    expect(new Ajv().validate(PERSON, JSON.parse(invalid.content[0].text))).to.equal(false);
  });

  it('are errors where params are at fault, one by one', async () => {
    expect(await problem({ max_tokens: undefined })).to.equal('max_tokens: Field required');
    expect(await problem({ model: undefined })).to.equal('model: Field required');
    expect(await problem({ messages: undefined })).to.equal('messages: Field required');
    expect(await problem({ max_tokens: 0 })).to.contain('greater than or equal to 1');
    expect(await problem({ messages: [{ role: 'system', content: 'x' }] })).to.contain(
      'Unexpected role "system"',
    );
    expect(await problem({ response_format: {} })).to.equal(
      'response_format: Extra inputs are not permitted',
    );
    expect(await problem({ stream: true })).to.contain('stream');
  });

  it('take sampling parameters in the old version of the API alone', async () => {
    const newer = { 'anthropic-version': '2026-10-21' };
    expect(await ask({ temperature: 0.5, top_p: 0.9, top_k: 3 })).to.include({ type: 'succeeded' });
    for (const name of ['temperature', 'top_p', 'top_k']) {
      expect(await problem({ [name]: 1 }, newer)).to.equal(`${name}: Extra inputs are not permitted`);
    }
    expect(await ask({}, undefined, newer)).to.include({ type: 'succeeded' });
  });

  describe('are errors for a schema with', () => {
    const having = (name: object): object => ({ ...PERSON, properties: { ...PERSON.properties, name } });
    const recursive = having({ anyOf: [{ $ref: '#' }, { type: 'null' }] });
    const faults: [name: string, schema: object, words: string][] = [
      [
        'an open object',
        { ...PERSON, additionalProperties: undefined },
        "'additionalProperties' must be explicitly set to false",
      ],
      [
        'number bounds',
        having({ type: 'integer', minimum: 0, maximum: 9 }),
        "For 'integer' type, properties minimum, maximum are not supported",
      ],
      [
        'text lengths',
        having({ type: 'string', minLength: 1 }),
        "For 'string' type, property minLength is not supported",
      ],
      [
        'array bounds',
        having({ type: 'array', items: { type: 'string' }, minItems: 2 }),
        "'minItems' values other than 0 or 1",
      ],
      ['recursion', recursive, 'Recursive schema reference'],
      ['an external reference', having({ $ref: 'https://example.com/x' }), 'External schema reference'],
      ['oneOf', having({ oneOf: [{ type: 'string' }] }), "'oneOf' is not supported"],
    ];
    for (const [name, schema, words] of faults) {
      it(name, async () => {
        expect(await problem(format(schema)))
          .to.match(/^output_config\.format\.schema: /)
          .and.to.contain(words);
      });
    }

    it('too many optional properties', async () => {
      const properties = Object.fromEntries(
        Array.from({ length: 25 }, (_, index) => [`p${index}`, { type: 'string' }]),
      );
      expect(await problem(format({ ...PERSON, properties, required: [] }))).to.contain(
        'too many optional parameters',
      );
    });
  });

  it('can be had without a batch', async () => {
    const client = anthropicClient(await openSandbox());
    const message = await client.messages.create({
      model: 'claude-haiku-4-5',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(message.content[0]).to.have.property('text').that.contains('Hello');
  });
});
