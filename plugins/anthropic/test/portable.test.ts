import { expect } from 'chai';
import type {
  BatchProvider,
  CompiledSchema,
  Message,
  PortableRequest,
  RequestSettings,
} from '@instructor-cli/provider-kit';
import { startSandbox } from '@instructor-cli/sandbox';
import { anyJson } from '../../provider-kit/test/support/any-json.js';
import { openai } from '../../openai/test/support/provider.js';
import { anthropic } from './support/provider.js';

type Schema = NonNullable<PortableRequest['schema']>;

const provider = anthropic();
const read = (request: unknown) => provider.readRequest!(request);
const line = (params: object) => ({
  custom_id: 'r',
  params: { model: 'claude-haiku-4-5', max_tokens: 9, ...params },
});
const explicit = <T>(value: T) => ({ value, explicit: true });
const compiled = (schema: Schema, mode: CompiledSchema['mode']): CompiledSchema => ({
  ...schema,
  mode,
  dropped: [],
  decode: (value) => value,
});
const schema = { name: 'Person', schema: { type: 'object', title: 'Person' } };
const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const messages: Message[] = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'what?' },
      image('data:image/png;base64,AA=='),
      image('https://x.example/a.png'),
    ],
  },
  { role: 'assistant', content: 'so' },
  { role: 'user', content: 'go on' },
];

/** Makes a request of one provider out of the neutral form, for a model of its own. */
function rebuild(
  target: BatchProvider,
  portable: PortableRequest,
  { mode = 'format', ...own }: Partial<RequestSettings> & { mode?: CompiledSchema['mode'] } = {},
): Record<string, unknown> {
  const { customId, model = '', endpoint, maxTokens, temperature, topP, stop } = portable;
  const settings: RequestSettings = {
    model,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(maxTokens === undefined ? {} : { maxTokens: explicit(maxTokens) }),
    ...(temperature === undefined ? {} : { temperature: explicit(temperature) }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop ? { stop } : {}),
    ...(portable.schema ? { schema: compiled(portable.schema, mode) } : {}),
    ...own,
  };
  return target.createRequestBuilder(settings).build({ customId, messages: portable.messages });
}

const limits = { maxTokens: explicit(70), temperature: explicit(0.5), topP: 0.9, stop: ['END'] };

describe('a request of Anthropic in the neutral form', () => {
  for (const mode of ['format', 'tool'] as const) {
    for (const description of [undefined, 'Who']) {
      it(`is made into the same request again, with a schema as ${mode}${description ? ' that is described' : ''}`, () => {
        const own = description === undefined || mode === 'format' ? schema : { ...schema, description };
        const settings = { model: 'claude-haiku-4-5', ...limits, schema: compiled(own, mode) };
        const request = provider.createRequestBuilder(settings).build({ customId: 'r', messages });
        const portable = read(request);

        expect(portable).to.deep.include({ rest: [], schema: own, maxTokens: 70, topP: 0.9, stop: ['END'] });
        expect(portable.messages).to.deep.equal(messages);
        expect(rebuild(provider, portable, { mode })).to.deep.equal(request);
      });
    }
  }

  it('keeps its messages, limits and schema on the way from OpenAI and back', () => {
    const settings = { model: 'gpt-4o', ...limits, schema: compiled(schema, 'format') };
    const request = openai().createRequestBuilder(settings).build({ customId: 'r', messages });
    const there = rebuild(provider, openai().readRequest!(request), {
      model: 'claude-haiku-4-5',
      endpoint: undefined,
    });
    const back = rebuild(openai(), read(there), { model: 'gpt-4o', endpoint: '/v1/chat/completions' });

    expect(provider.checkRequest(there).problems).to.deep.equal([]);
    expect(back).to.deep.equal(request);
  });

  it('has the blocks of its system prompt in a message of their own', () => {
    const system = [{ type: 'text', text: 'Be brief.' }];
    const request = line({ system, messages: [{ role: 'user', content: 'hi' }] });

    expect(read(request).messages?.[0]).to.deep.equal({ role: 'system', content: system });
    expect(rebuild(provider, read(request))).to.deep.equal(request);
  });

  it('names what others have no form for, and leaves it out of the messages', () => {
    const { rest, messages: left } = read(
      line({
        thinking: { type: 'enabled' },
        metadata: {},
        top_k: 4,
        tools: [{ name: 'a', input_schema: {} }],
        output_config: { effort: 'low', format: { type: 'json_schema', schema: schema.schema } },
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use' }] },
          {
            role: 'user',
            content: [{ type: 'tool_result' }, { type: 'text', text: 'hi', cache_control: {} }],
          },
          { role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] },
        ],
      }),
    );

    expect(left).to.deep.equal([{ role: 'user', content: [{ type: 'text', text: 'hi' }] }]);
    expect(rest).to.have.members([
      'messages: tool_use',
      'messages: tool_result',
      'messages: cache_control',
      'messages: image',
      'output_config.effort',
      'thinking',
      'metadata',
      'top_k',
      'tools',
    ]);
  });

  it('does not take one tool of several for a schema', () => {
    const tools = ['a', 'b'].map((name) => ({ name, input_schema: { type: 'object' } }));
    const request = read(line({ tools, tool_choice: { type: 'tool', name: 'a' }, messages: [] }));

    expect(request.schema).to.equal(undefined);
    expect(request.rest).to.deep.equal(['tools', 'tool_choice']);
  });

  it('is read whatever it holds', () => {
    const fields = [
      'custom_id',
      'params',
      'messages',
      'system',
      'content',
      'type',
      'source',
      'tools',
      'text',
    ];
    for (const value of anyJson(fields, 3000)) {
      for (const request of [
        value,
        line({ messages: value, system: value, tools: value, output_config: value }),
      ]) {
        read(request);
        provider.contentOf!(request);
      }
    }
  });

  it('is refused for a model without sampling parameters', () => {
    const build = (settings: Partial<RequestSettings>) =>
      provider.createRequestBuilder({ model: 'claude-opus-4-8', ...settings });

    expect(() => build({ topP: 0.5 })).to.throw('does not accept a top_p of 0.5');
    expect(build({ stop: ['END'] }).build({ customId: 'r', messages })['params']).to.deep.include({
      stop_sequences: ['END'],
    });
  });
});

describe('what a model of Anthropic reads', () => {
  it('is every text, with an estimate of the tokens of its form', () => {
    const content = provider.contentOf!(
      line({
        system: 'Be brief.',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'what?' }, { type: 'image' }] },
          { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: { a: 1 } }] },
          { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'wrong' }] }] },
        ],
        output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      }),
    );

    expect(content).to.deep.equal({
      texts: ['Be brief.', 'what?', 'f', '{"a":1}', 'wrong', '{"type":"object"}'],
      overheadTokens: 4 + 3 * 3,
      images: 1,
      maxOutputTokens: 9,
    });
  });

  it('is also what the service tells it about tools', () => {
    const tools = [{ name: 'f' }];
    const free = provider.contentOf!(line({ tools, messages: [] }));
    const forced = provider.contentOf!(
      line({ tools, tool_choice: { type: 'tool', name: 'f' }, messages: [] }),
    );

    expect(free.texts).to.deep.equal(['[{"name":"f"}]']);
    expect([free.overheadTokens, forced.overheadTokens]).to.deep.equal([350, 317]);
  });
});

describe('asking a model of Anthropic again', () => {
  const complaint = 'age must be a number';
  const asked = [{ role: 'user', content: 'hi' }];
  const forced = {
    messages: asked,
    tools: [{ name: 'Person', input_schema: { type: 'object' } }],
    tool_choice: { type: 'tool', name: 'Person' },
  };
  const object = { kind: 'object', value: { age: 'x' } } as const;
  const messagesOf = (request: Record<string, unknown>) =>
    (request['params'] as { messages: Message[] }).messages;

  it('adds what it said and the complaint, raises the limit, and leaves the original alone', () => {
    const request = line({ messages: asked });
    const before = structuredClone(request);
    const answer = { kind: 'text', text: '{"age":"x"}' } as const;
    const next = provider.followUp!(request, { answer, complaint, maxTokens: 18 });

    expect(request).to.deep.equal(before);
    expect(next).to.deep.equal(
      line({
        max_tokens: 18,
        messages: [
          ...asked,
          { role: 'assistant', content: '{"age":"x"}' },
          { role: 'user', content: complaint },
        ],
      }),
    );
    expect(provider.checkRequest(next).problems).to.deep.equal([]);
  });

  it('answers the call of a tool with its failure', () => {
    const [, call, result] = messagesOf(provider.followUp!(line(forced), { answer: object, complaint }));
    const id = 'toolu_instructor_1';

    expect(call).to.deep.equal({
      role: 'assistant',
      content: [{ type: 'tool_use', id, name: 'Person', input: { age: 'x' } }],
    });
    expect(result).to.deep.equal({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: id, is_error: true, content: complaint }],
    });
  });

  it('is accepted by the service, with a tool and without', async () => {
    const sandbox = await startSandbox();
    const send = async (request: Record<string, unknown>): Promise<number> => {
      const headers = {
        'x-api-key': sandbox.key,
        'anthropic-version': '2026-10-21',
        'content-type': 'application/json',
      };
      const body = JSON.stringify(request['params']);
      return (await fetch(`${sandbox.anthropicBaseUrl}/v1/messages`, { method: 'POST', headers, body }))
        .status;
    };
    try {
      for (const params of [forced, { messages: asked }]) {
        const once = provider.followUp!(line(params), { answer: object, complaint });
        expect(await send(once)).to.equal(200);
        expect(await send(provider.followUp!(once, { complaint }))).to.equal(200);
      }
    } finally {
      await sandbox.close();
    }
  });

  it('calls no two tools by one id', () => {
    const once = provider.followUp!(line(forced), { answer: object, complaint });
    const twice = JSON.stringify(provider.followUp!(once, { answer: object, complaint }));

    expect(new Set(twice.match(/"id":"\w+"/g)).size).to.equal(2);
  });

  it('writes an object as text where no tool was called', () => {
    const [, said] = messagesOf(provider.followUp!(line({ messages: asked }), { answer: object, complaint }));

    expect(said).to.deep.equal({ role: 'assistant', content: '{"age":"x"}' });
  });

  it('adds no empty turn', () => {
    for (const answer of [undefined, { kind: 'text', text: ' ' } as const]) {
      const turns = messagesOf(provider.followUp!(line({ messages: asked }), { answer, complaint }));
      expect(turns).to.deep.equal([...asked, { role: 'user', content: complaint }]);
    }
  });

  it('is refused where there is no conversation', () => {
    for (const request of [null, {}, line({ messages: 'hi' })]) {
      expect(() => provider.followUp!(request, { complaint })).to.throw('no conversation');
    }
  });
});
