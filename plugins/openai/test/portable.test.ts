import { expect } from 'chai';
import type { CompiledSchema, PortableRequest, RequestSettings } from '@instructor-cli/provider-kit';
import { startSandbox } from '@instructor-cli/sandbox';
import { anyJson } from '../../provider-kit/test/support/any-json.js';
import { openai } from './support/provider.js';

const provider = openai();
const read = (request: unknown) => provider.readRequest!(request);
const line = (body: object, url = '/v1/chat/completions') => ({ custom_id: 'r', method: 'POST', url, body });
const explicit = <T>(value: T) => ({ value, explicit: true });
const compiled = (schema: NonNullable<PortableRequest['schema']>): CompiledSchema => ({
  ...schema,
  mode: 'format',
  dropped: [],
  decode: (value) => value,
});
const schema = { name: 'Person', description: 'Who', schema: { type: 'object' } };
const messages = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'what?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
    ],
  },
  { role: 'assistant', content: 'so' },
];

/** The request that the neutral form of another one becomes. */
function rebuild(portable: PortableRequest): unknown {
  const { customId, model = '', endpoint, maxTokens, temperature, topP, stop, input } = portable;
  const settings: RequestSettings = {
    model,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(maxTokens === undefined ? {} : { maxTokens: explicit(maxTokens) }),
    ...(temperature === undefined ? {} : { temperature: explicit(temperature) }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop ? { stop } : {}),
    ...(portable.schema ? { schema: compiled(portable.schema) } : {}),
  };
  return provider.createRequestBuilder(settings).build({ customId, messages: portable.messages, input });
}

describe('a request of OpenAI in the neutral form', () => {
  const limits = { maxTokens: explicit(70), temperature: explicit(0.5), topP: 0.9 };
  const built: Record<string, RequestSettings> = {
    'a chat': { model: 'gpt-4o', ...limits, stop: ['END', '\n'], schema: compiled(schema) },
    'a chat with a model that reasons': { model: 'o3', maxTokens: explicit(70) },
    'a response': { model: 'gpt-4o', endpoint: '/v1/responses', ...limits, schema: compiled(schema) },
    'an embedding': { model: 'text-embedding-3-small', endpoint: '/v1/embeddings' },
  };
  for (const [name, settings] of Object.entries(built)) {
    it(`is made into the same request again: ${name}`, () => {
      const row =
        settings.endpoint === '/v1/embeddings'
          ? { customId: 'r', input: ['a', 'b'] }
          : { customId: 'r', messages };
      const request = provider.createRequestBuilder(settings).build(row);
      const portable = read(request);

      expect(portable.rest).to.deep.equal([]);
      expect(rebuild(portable)).to.deep.equal(request);
    });
  }

  it('says everything that providers share', () => {
    const body = {
      model: 'gpt-4o',
      messages,
      max_completion_tokens: 70,
      temperature: 0.5,
      top_p: 0.9,
      stop: 'END',
      response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } },
    };

    expect(read(line(body))).to.deep.equal({
      customId: 'r',
      model: 'gpt-4o',
      endpoint: '/v1/chat/completions',
      messages,
      maxTokens: 70,
      temperature: 0.5,
      topP: 0.9,
      stop: ['END'],
      schema,
      rest: [],
    });
  });

  it('takes the instructions and the bare text of a response as messages', () => {
    const body = { model: 'm', instructions: 'Be brief.', input: 'hi', max_output_tokens: 5 };
    const portable = read(line(body, '/v1/responses'));

    expect(portable).to.deep.include({ maxTokens: 5, rest: [] });
    expect(portable.messages).to.deep.equal([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
    ]);
  });

  it('names what others have no form for', () => {
    const chat = line({
      model: 'm',
      seed: 1,
      user: null,
      max_tokens: 'many',
      response_format: { type: 'json_object' },
      messages: [
        { role: 'user', name: 'Ada', content: [{ type: 'input_audio' }, { type: 'text', text: 'hi' }] },
        { role: 'assistant', content: null, tool_calls: [{}] },
        { role: 'tool', tool_call_id: 'x', content: 'y' },
      ],
    });
    const response = line(
      {
        model: 'm',
        input: [
          { type: 'function_call', name: 'f' },
          { role: 'user', content: [{ type: 'input_file' }] },
        ],
        text: { verbosity: 'low', format: { type: 'text' } },
        tools: [],
      },
      '/v1/responses',
    );

    expect(read(chat).rest).to.have.members([
      'messages: name',
      'messages: input_audio',
      'messages: tool_calls',
      'messages: tool',
      'max_tokens',
      'response_format',
      'seed',
    ]);
    expect(read(chat).messages).to.deep.equal([{ role: 'user', content: [{ type: 'text', text: 'hi' }] }]);
    expect(read(response).rest).to.deep.equal([
      'input: function_call',
      'input: input_file',
      'text.verbosity',
      'tools',
    ]);
  });

  it('is read whatever it holds', () => {
    const fields = [
      'custom_id',
      'url',
      'body',
      'messages',
      'input',
      'role',
      'content',
      'type',
      'text',
      'tools',
    ];
    for (const value of anyJson(fields, 2000)) {
      for (const url of ['/v1/chat/completions', '/v1/responses', '/v1/embeddings']) {
        for (const request of [
          value,
          line({ messages: value, input: value, text: value, tools: value }, url),
        ]) {
          read(request);
          provider.contentOf!(request);
        }
      }
    }
  });
});

describe('what a model of OpenAI reads', () => {
  const contentOf = (body: object, url?: string) => provider.contentOf!(line(body, url));

  it('is every text of a chat, with the tokens of its form', () => {
    const content = contentOf({ messages, max_tokens: 9, tools: [{ type: 'function' }] });

    expect(content).to.deep.equal({
      texts: ['system', 'Be brief.', 'user', 'what?', 'assistant', 'so', '[{"type":"function"}]'],
      overheadTokens: 3 * 3 + 3,
      images: 2,
      maxOutputTokens: 9,
    });
  });

  it('is the schema too, and what tools were called with', () => {
    const { texts } = contentOf({
      messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] }],
      response_format: { type: 'json_schema', json_schema: schema },
    });

    expect(texts).to.deep.equal(['assistant', 'f', '{"a":1}', '{"type":"object"}']);
  });

  it('is the instructions and items of a response', () => {
    const input = [
      { role: 'user', content: 'hi' },
      { type: 'function_call_output', output: 'done' },
    ];

    expect(contentOf({ instructions: 'Be brief.', input }, '/v1/responses')).to.deep.equal({
      texts: ['Be brief.', 'user', 'hi', 'done'],
      overheadTokens: 3 + 3 + 3,
      images: 0,
    });
    expect(contentOf({ input: 'hi' }, '/v1/responses').texts).to.deep.equal(['user', 'hi']);
  });

  it('is the input of an embedding and nothing else, be it tokens', () => {
    expect(contentOf({ input: ['a', 'b'] }, '/v1/embeddings')).to.deep.equal({
      texts: ['a', 'b'],
      overheadTokens: 0,
      images: 0,
    });
    expect(contentOf({ input: [[1, 2], [3]] }, '/v1/embeddings').overheadTokens).to.equal(3);
  });
});

describe('asking a model of OpenAI again', () => {
  const complaint = 'age must be a number';
  const text = (said: string) => ({ kind: 'text', text: said }) as const;

  it('adds what it said and the complaint to a chat, and leaves the original alone', () => {
    const request = line({ model: 'gpt-4o', messages, max_tokens: 5, seed: 1 });
    const before = structuredClone(request);
    const next = provider.followUp!(request, { answer: text('{"age":"x"}'), complaint, maxTokens: 10 });

    expect(request).to.deep.equal(before);
    expect(next).to.deep.equal(
      line({
        model: 'gpt-4o',
        messages: [
          ...messages,
          { role: 'assistant', content: '{"age":"x"}' },
          { role: 'user', content: complaint },
        ],
        max_tokens: 10,
        seed: 1,
      }),
    );
    expect(provider.checkRequest(next).problems).to.deep.equal([]);
  });

  it('makes a list of the one text of a response', () => {
    const request = line({ model: 'gpt-4o', input: 'hi' }, '/v1/responses');
    const answer = { kind: 'object', value: { age: 'x' } } as const;

    expect(provider.followUp!(request, { answer, complaint, maxTokens: 9 })['body']).to.deep.equal({
      model: 'gpt-4o',
      input: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: '{"age":"x"}' },
        { role: 'user', content: complaint },
      ],
      max_output_tokens: 9,
    });
  });

  it('raises the limit under the name that it has, or that the model knows', () => {
    const limitOf = (body: object) =>
      Object.keys(
        provider.followUp!(line({ messages, ...body }), { complaint, maxTokens: 10 })['body'] as object,
      ).filter((name) => name.includes('tokens'));

    expect(limitOf({ model: 'gpt-4o', max_completion_tokens: 5 })).to.deep.equal(['max_completion_tokens']);
    expect(limitOf({ model: 'gpt-4o' })).to.deep.equal(['max_tokens']);
    expect(limitOf({ model: 'o3' })).to.deep.equal(['max_completion_tokens']);
  });

  it('is accepted by the service', async () => {
    const sandbox = await startSandbox();
    const headers = { authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' };
    try {
      for (const request of [
        line({ model: 'o3', messages, max_completion_tokens: 5 }),
        line({ model: 'gpt-4o', input: 'hi' }, '/v1/responses'),
      ]) {
        const next = provider.followUp!(request, { answer: text('no'), complaint, maxTokens: 9 });
        const body = JSON.stringify(next['body']);
        const answer = await fetch(sandbox.url + request.url, { method: 'POST', headers, body });
        expect(answer.status, request.url).to.equal(200);
      }
    } finally {
      await sandbox.close();
    }
  });

  it('adds no empty turn', () => {
    for (const answer of [undefined, text(''), text(' \n')]) {
      const body = provider.followUp!(line({ messages: [] }), { answer, complaint })['body'];
      expect(body).to.deep.equal({ messages: [{ role: 'user', content: complaint }] });
    }
  });

  it('is refused where there is no conversation', () => {
    for (const request of [
      line({ input: 'x' }, '/v1/embeddings'),
      line({}),
      null,
      line({ input: 5 }, '/v1/responses'),
    ]) {
      expect(() => provider.followUp!(request, { complaint })).to.throw('no conversation');
    }
  });
});
