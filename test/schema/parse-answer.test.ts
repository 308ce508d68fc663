import { expect } from 'chai';
import { z } from 'zod';
import type { CompiledSchema } from '@instructor-cli/provider-kit';
import { createDecoder } from '@instructor-cli/provider-kit/json-schema';
import { parseAnswer } from '../../src/schema/parse-answer.js';
import { toResponseModel } from '../../src/schema/response-model.js';

const Person = z.object({ name: z.string(), age: z.number().optional() });
const text = (answer: string) => ({ kind: 'text', text: answer }) as const;

async function prepare(schema: unknown = Person) {
  const model = await toResponseModel(schema, 'Person');
  const compiled: CompiledSchema = {
    schema: {},
    name: 'x',
    mode: 'format',
    dropped: [],
    decode: createDecoder(model.jsonSchema),
  };
  return { model, compiled };
}

describe('reading answers', () => {
  it('parses, decodes and validates without a promise', async () => {
    const { model, compiled } = await prepare();

    const parsed = parseAnswer(text(' {"name": "Ada", "age": null} '), compiled, model);

    expect(parsed).to.deep.equal({ outcome: 'succeeded', result: { name: 'Ada' } });
  });

  it('takes the arguments of a tool as they are', async () => {
    const { model, compiled } = await prepare();

    expect(parseAnswer({ kind: 'object', value: { name: 'Ada' } }, compiled, model)).to.deep.include({
      outcome: 'succeeded',
    });
  });

  it('unpacks a Markdown fence, but does not hunt for JSON in prose', async () => {
    const { model, compiled } = await prepare();

    for (const fence of [
      '```json\n{"name":"Ada"}\n```',
      '\n```\n{"name":"Ada"}\n```\n',
      '```JSON\r\n{"name":"Ada"}\r\n```',
    ]) {
      expect(parseAnswer(text(fence), compiled, model)).to.deep.include({ outcome: 'succeeded' });
    }
    expect(parseAnswer(text('Here you are: {"name":"Ada"}'), compiled, model)).to.have.nested.property(
      'error.type',
      'invalid_json',
    );
  });

  it('keeps an answer that is no JSON', async () => {
    const { model, compiled } = await prepare();

    const parsed = parseAnswer(text('{"name": "A'), compiled, model);

    expect(parsed).to.deep.include({ outcome: 'invalid', raw: '{"name": "A' });
    expect(parseAnswer(text(' '), compiled, model)).to.have.nested.property(
      'error.message',
      'the answer is empty',
    );
  });

  it('names up to three issues with their paths', async () => {
    const { model, compiled } = await prepare(
      z.object({ a: z.number(), b: z.array(z.object({ c: z.number() })), d: z.number(), e: z.number() }),
    );

    const parsed = parseAnswer(text('{"a":"x","b":[{"c":"y"}],"d":"z","e":"z"}'), compiled, model);

    expect(parsed).to.have.nested.property('error.type', 'schema_mismatch');
    expect(parsed).to.have.nested.property(
      'error.message',
      'a: expected number, received string; b[0].c: expected number, received string; d: expected number, received string; and 1 more',
    );
  });

  it('applies transforms, and waits only for schemas that are asynchronous', async () => {
    const { model, compiled } = await prepare(z.object({ a: z.string().transform((value) => value.length) }));
    expect(parseAnswer(text('{"a":"xyz"}'), compiled, model)).to.deep.equal({
      outcome: 'succeeded',
      result: { a: 3 },
    });

    const later = await prepare(
      z.object({ a: z.string().refine(async (value) => value === 'x', 'must be x') }),
    );
    const parsed = parseAnswer(text('{"a":"y"}'), later.compiled, later.model);
    expect(parsed).to.be.a('promise');
    expect(await parsed).to.have.nested.property('error.message', 'a: must be x');
  });

  it('survives code of the user that throws', async () => {
    const broken = z.object({
      a: z.string().transform(() => {
        throw new Error('boom');
      }),
    });
    const { model, compiled } = await prepare(broken);

    expect(await parseAnswer(text('{"a":"y"}'), compiled, model)).to.have.nested.property(
      'error.message',
      "the schema's own code failed: boom",
    );
  });

  it('reads JSON objects and arrays without a schema, and leaves everything else as text', () => {
    const read = (answer: string) => parseAnswer(text(answer));

    expect(read(' {"a":1}')).to.deep.equal({ outcome: 'succeeded', result: { a: 1 } });
    expect(read('[1]')).to.deep.equal({ outcome: 'succeeded', result: [1] });
    expect(read('42')).to.deep.equal({ outcome: 'succeeded', result: '42' });
    expect(read('[see above]')).to.deep.equal({ outcome: 'succeeded', result: '[see above]' });
    expect(parseAnswer({ kind: 'data', value: [0.1] })).to.deep.equal({
      outcome: 'succeeded',
      result: [0.1],
    });
  });
});
