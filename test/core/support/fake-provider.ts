import type { Batch, BatchProvider, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { ProviderSession } from '../../../src/core/session.js';

export function declare(overrides: Partial<ProviderDeclaration> = {}): ProviderDeclaration {
  return {
    id: 'fake',
    name: 'Fake',
    module: './fake.js',
    credentials: [],
    counts: ['done'],
    requestKeys: ['custom_id', 'ask'],
    endpoints: ['/ask'],
    capabilities: {
      list: { supported: true },
      create: { supported: true },
      cancel: { supported: true },
      delete: { supported: true },
      deleteFiles: { supported: true },
      results: { supported: true },
      partialResults: true,
    },
    limits: {},
    ...overrides,
  };
}

export function makeBatch(overrides: Partial<Batch> = {}): Batch {
  return {
    id: 'fake_1',
    status: 'completed',
    rawStatus: 'done',
    times: {},
    counts: {},
    requests: {},
    problems: [],
    files: [],
    raw: {},
    ...overrides,
  };
}

interface FakeRequest {
  custom_id?: string;
  model?: string;
  endpoint?: string;
  trait?: string;
}

interface FakeResult {
  custom_id?: string;
  answer?: string;
  error?: string;
}

const unexpected = (): never => {
  throw new Error('this call was not expected');
};

/** A provider of few words: requests are `{custom_id, ask, model, endpoint}`, results `{custom_id, answer | error}`. */
export function fakeProvider(overrides: Partial<BatchProvider> = {}): BatchProvider {
  return {
    compileSchema: (schema, { name }) => ({
      schema,
      name,
      mode: 'format',
      dropped: [],
      decode: (value) => value,
    }),
    createRequestBuilder: ({ model, params }) => ({
      notes: [],
      build: (input) => ({
        custom_id: input.customId,
        ask: input.messages ?? input.input,
        model,
        ...params,
        ...input.params,
      }),
    }),
    checkRequest(request) {
      const { custom_id: customId, model, endpoint, trait } = (request ?? {}) as FakeRequest;
      const problems =
        customId === undefined ? [{ code: 'missing_field', message: 'custom_id is missing' }] : [];
      return { problems, customId, model, endpoint, traits: trait === undefined ? undefined : [trait] };
    },
    readResult(line) {
      const { custom_id: customId, answer = '', error } = line as FakeResult;
      if (customId === undefined) throw new Error('it has no custom id');
      return error === undefined
        ? { customId, outcome: 'succeeded', answer: { kind: 'text', text: answer } }
        : { customId, outcome: 'errored', error: { type: 'broken', message: error } };
    },
    submit: unexpected,
    retrieve: unexpected,
    list: unexpected,
    cancel: unexpected,
    openFile: unexpected,
    ...overrides,
  };
}

class FakeSession extends ProviderSession {
  constructor(
    declaration: ProviderDeclaration,
    private readonly provider: BatchProvider,
    env: Record<string, string | undefined>,
  ) {
    const plugin = { name: 'fake', version: '1.0.0', root: '/', origin: 'bundled', declared: {} } as const;
    super({ declaration, plugin }, { env });
  }

  override async local(): Promise<BatchProvider> {
    return this.provider;
  }
}

export function openFake(
  overrides: Partial<BatchProvider> = {},
  declared: Partial<ProviderDeclaration> = {},
  env: Record<string, string | undefined> = {},
): ProviderSession {
  return new FakeSession(declare(declared), fakeProvider(overrides), env);
}
