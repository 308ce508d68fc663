import { expect } from 'chai';
import type { RequestInput, RequestSettings } from '@instructor-cli/provider-kit';
import { openai } from './support/provider.js';

const messages = [{ role: 'user', content: 'hi' }];
const set = <T>(value: T, explicit = true) => ({ value, explicit });
const schema = {
  schema: { type: 'object' },
  name: 'Person',
  mode: 'format' as const,
  dropped: [],
  decode: (value: unknown) => value,
};

function build(settings: Partial<RequestSettings>, input: Partial<RequestInput> = { messages }) {
  const builder = openai().createRequestBuilder({ model: 'gpt-4o-mini', ...settings });
  const line = builder.build({ customId: 'r-1', ...input });
  return { line, body: line['body'] as Record<string, unknown>, notes: builder.notes };
}

describe('a request line for OpenAI', () => {
  it('of a chat has the messages, the limit, the temperature and the shape of the answer', () => {
    expect(build({ maxTokens: set(100), temperature: set(0.2), schema }).line).to.deep.equal({
      custom_id: 'r-1',
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model: 'gpt-4o-mini',
        max_tokens: 100,
        temperature: 0.2,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'Person', description: undefined, schema: { type: 'object' }, strict: true },
        },
        messages,
      },
    });
  });

  it('of the Responses API names everything its own way', () => {
    const content = [
      { type: 'text', text: 'what?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
      { type: 'image_url', image_url: 'https://x.example/a.png' },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'other', x: 1 },
    ];
    const { line, body } = build(
      { endpoint: '/v1/responses', maxTokens: set(100), schema },
      {
        messages: [
          { role: 'user', content },
          { role: 'assistant', content: [{ type: 'text', text: 'so' }] },
        ],
      },
    );

    expect(line['url']).to.equal('/v1/responses');
    expect(body).to.include({ max_output_tokens: 100 });
    expect(body).to.have.nested.property('text.format.strict', true);
    expect(body).to.have.nested.property('text.format.type', 'json_schema');
    expect(body['input']).to.deep.equal([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'what?' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' },
          { type: 'input_image', image_url: 'https://x.example/a.png', detail: 'auto' },
          { type: 'input_file', file_id: 'file-1' },
          { type: 'other', x: 1 },
        ],
      },
      { role: 'assistant', content: [{ type: 'output_text', text: 'so' }] },
    ]);
  });

  it('of an embedding has the input alone', () => {
    const settings = {
      endpoint: '/v1/embeddings',
      maxTokens: set(1000, false),
      temperature: set(0.1, false),
    };

    expect(build(settings, { input: 'a text' }).body).to.deep.equal({
      model: 'gpt-4o-mini',
      input: 'a text',
    });
    expect(build(settings).body).to.deep.include({ input: 'hi' });
    expect(() => build({ ...settings, maxTokens: set(5) })).to.throw('takes no --max-tokens');
    expect(() => build({ ...settings, schema })).to.throw('no structured answers');
  });

  for (const model of [
    'o1',
    'o3-mini',
    'o4-mini',
    'gpt-5',
    'gpt-5-mini',
    'gpt-5.1',
    'gpt-6-luna',
    'gpt-6.1-sol',
    'ft:gpt-5-mini:org::id',
    'O3',
  ]) {
    it(`names the limit as ${model} wants it, and leaves out a temperature nobody asked for`, () => {
      const { body, notes } = build({ model, maxTokens: set(1000, false), temperature: set(0.1, false) });

      expect(body).to.include({ max_completion_tokens: 1000 });
      expect(body).not.to.have.any.keys('max_tokens', 'temperature');
      expect(notes.join()).to.match(/thinking counts/);
    });
  }

  for (const model of [
    'gpt-4o',
    'gpt-4.1-mini',
    'gpt-5-chat-latest',
    'gpt-5.1-chat-latest',
    'ft:gpt-4o-mini:org::id',
    'o-other',
  ]) {
    it(`treats ${model} as a model that does not reason`, () => {
      const { body, notes } = build({ model, maxTokens: set(1000, false), temperature: set(0.1, false) });

      expect(body).to.include({ max_tokens: 1000, temperature: 0.1 });
      expect(notes).to.deep.equal([]);
    });
  }

  it('refuses a temperature that was asked for and that the model refuses', () => {
    expect(() => build({ model: 'o3', temperature: set(0.2) })).to.throw(
      'does not accept a temperature of 0.2',
    );
    expect(build({ model: 'o3', temperature: set(1) }).body).to.include({ temperature: 1 });
  });

  it('has the share of words to choose from, and the texts to stop at', () => {
    const shape = { topP: 0.5, stop: ['END'] };

    expect(build(shape).body).to.deep.include({ top_p: 0.5, stop: ['END'] });
    expect(build({ topP: 0.5, endpoint: '/v1/responses' }).body).to.deep.include({ top_p: 0.5 });
    expect(build({ stop: [] }).body).not.to.have.property('stop');
    expect(() => build({ ...shape, endpoint: '/v1/responses' })).to.throw('/v1/responses takes no stop');
    expect(() => build({ topP: 1, endpoint: '/v1/embeddings' })).to.throw('takes no top_p');
    expect(() => build({ model: 'o3', topP: 0.5 })).to.throw('does not accept a top_p of 0.5');
    expect(build({ model: 'o3', topP: 1 }).body).to.include({ top_p: 1 });
  });

  it('says nothing about thinking when the limit was chosen', () => {
    expect(build({ model: 'o3', maxTokens: set(9000) }).notes).to.deep.equal([]);
  });

  it('lets a row’s own parameters win, under the name that the model knows', () => {
    const row = (settings: Partial<RequestSettings>, params: Record<string, unknown>) =>
      build({ maxTokens: set(1000), ...settings }, { messages, params }).body;

    expect(row({}, { max_tokens: 5, seed: 1 })).to.include({ max_tokens: 5, seed: 1 });
    expect(row({ model: 'o3' }, { max_tokens: 5 })).to.include({ max_completion_tokens: 5 });
    expect(row({ endpoint: '/v1/responses' }, { max_tokens: 5 })).to.include({ max_output_tokens: 5 });
    expect(row({ model: 'o3' }, { constructor: 1 })).to.have.own.property('constructor', 1);
  });

  it('never sends one limit under two names', () => {
    const own = { max_completion_tokens: 5 };

    expect(build({ maxTokens: set(1000) }, { messages, params: own }).body).not.to.have.property(
      'max_tokens',
    );
    expect(build({ maxTokens: set(1000), params: own }).body).not.to.have.property('max_tokens');
    expect(build({ params: own }, { messages, params: { max_tokens: 9 } }).body).not.to.have.property(
      'max_completion_tokens',
    );
    expect(build({ model: 'o3', maxTokens: set(1000), params: { max_tokens: 5 } }).body).to.include(own);
  });

  it('keeps the shape of the answer beside other settings of its text', () => {
    const { body } = build({ endpoint: '/v1/responses', schema, params: { text: { verbosity: 'low' } } });

    expect(body).to.have.nested.property('text.verbosity', 'low');
    expect(body).to.have.nested.property('text.format.name', 'Person');
  });

  it('follows a rule of the user before the built-in ones', () => {
    const models = [{ match: '^gpt-5', rename: {}, label: 'tamed' }];
    const builder = openai({ models }).createRequestBuilder({ model: 'gpt-5', maxTokens: set(7) });

    expect(builder.build({ customId: 'r', messages })['body']).to.include({ max_tokens: 7 });
  });

  it('does not remember one row in the next', () => {
    const builder = openai().createRequestBuilder({ model: 'gpt-4o', maxTokens: set(7) });
    builder.build({ customId: 'a', messages, params: { max_completion_tokens: 1, seed: 2 } });

    expect(builder.build({ customId: 'b', messages })['body']).to.deep.equal({
      model: 'gpt-4o',
      max_tokens: 7,
      messages,
    });
  });
});
