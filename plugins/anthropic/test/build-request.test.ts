import { expect } from 'chai';
import type { Message, RequestInput, RequestSettings } from '@instructor-cli/provider-kit';
import { anthropic } from './support/provider.js';

const messages: Message[] = [{ role: 'user', content: 'hi' }];
const set = <T>(value: T, explicit = true) => ({ value, explicit });
const schema = (mode: 'format' | 'tool') => ({
  schema: { type: 'object' },
  name: 'Person',
  mode,
  dropped: [],
  decode: (value: unknown) => value,
});

function params(settings: Partial<RequestSettings>, input: Partial<RequestInput> = { messages }) {
  const line = anthropic()
    .createRequestBuilder({ model: 'claude-haiku-4-5', ...settings })
    .build({ customId: 'r-1', ...input });
  expect(line).to.have.all.keys('custom_id', 'params');
  return line['params'] as Record<string, unknown>;
}

describe('a request line for Anthropic', () => {
  it('always has a limit, and a temperature only if it was asked for', () => {
    expect(params({ temperature: set(0.1, false) })).to.deep.equal({
      model: 'claude-haiku-4-5',
      max_tokens: 1000,
      messages,
    });
    expect(params({ maxTokens: set(5), temperature: set(0) })).to.include({ max_tokens: 5, temperature: 0 });
  });

  it('moves system messages out of the conversation', () => {
    const system = (content: unknown): Message => ({ role: 'system', content });
    const developer: Message = { role: 'developer', content: 'b' };

    expect(params({}, { messages: [system('a'), ...messages, developer] })).to.deep.include({
      system: 'a\n\nb',
      messages,
    });
    expect(
      params({}, { messages: [system('a'), system([{ type: 'text', text: 'c' }]), ...messages] })['system'],
    ).to.deep.equal([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'c' },
    ]);
    expect(params({ params: { system: 'for all' } })).to.include({ system: 'for all' });
  });

  it('writes images in Anthropic’s form', () => {
    const image = (image_url: unknown): Message => ({
      role: 'user',
      content: [{ type: 'image_url', image_url }],
    });
    const source = (url: unknown) =>
      (params({}, { messages: [image(url)] })['messages'] as { content: { source: unknown }[] }[])[0]
        ?.content[0]?.source;

    expect(source({ url: 'https://x.example/a.png' })).to.deep.equal({
      type: 'url',
      url: 'https://x.example/a.png',
    });
    for (const url of ['data:image/png;base64,AA==', 'data:image/png;name=a.png;base64,AA==']) {
      expect(source(url)).to.deep.equal({ type: 'base64', media_type: 'image/png', data: 'AA==' });
    }
  });

  it('asks for the shape natively, or by a tool that has to be called', () => {
    expect(params({ schema: schema('format') })).to.deep.include({
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });
    const { tools, tool_choice } = params({ schema: schema('tool') });
    expect(tool_choice).to.deep.equal({ type: 'tool', name: 'Person' });
    expect(tools).to.have.nested.property('[0].input_schema.type', 'object');
  });

  it('does not lose the shape beside a setting of the user’s', () => {
    const effort = { output_config: { effort: 'low' } };
    const own = { tools: [{ name: 'other' }] };

    for (const { output_config } of [
      params({ schema: schema('format'), params: effort }),
      params({ schema: schema('format') }, { messages, params: effort }),
    ]) {
      expect(output_config).to.have.all.keys('format', 'effort');
    }
    expect(params({ schema: schema('tool'), params: own })['tools']).to.have.length(2);
  });

  it('lets a row’s own parameters win, and forgets them in the next', () => {
    const builder = anthropic().createRequestBuilder({ model: 'claude-haiku-4-5' });

    expect(
      builder.build({ customId: 'a', messages, params: { max_tokens: 7, top_k: 1 } })['params'],
    ).to.include({
      max_tokens: 7,
      top_k: 1,
    });
    expect(builder.build({ customId: 'b', messages })['params']).not.to.have.property('top_k');
  });

  it('refuses a temperature that the model refuses, and an endpoint that is none', () => {
    expect(() => params({ model: 'claude-opus-4-7', temperature: set(0.2) })).to.throw(
      'does not accept a temperature',
    );
    expect(() => params({ endpoint: '/v1/responses' })).to.throw('no endpoint /v1/responses');
  });

  for (const [model, mode] of [
    ['claude-3-5-haiku-latest', 'tool'],
    ['claude-2.1', 'tool'],
    ['claude-sonnet-4-20250514', 'tool'],
    ['claude-opus-4-0', 'tool'],
    ['claude-haiku-4-5', 'format'],
    ['claude-opus-4-1', 'format'],
    ['claude-sonnet-5', 'format'],
  ] as const) {
    it(`makes ${model} answer in a shape by its ${mode}`, () => {
      const compiled = anthropic().compileSchema(
        { type: 'object', properties: { a: { type: 'string' } } },
        { model, name: 'Person' },
      );
      expect(compiled.mode).to.equal(mode);
    });
  }
});
