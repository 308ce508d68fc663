import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { pluginDeclarationSchema } from '@instructor-cli/provider-kit/conformance';
import { readDeclaration } from '@instructor-cli/provider-kit/declaration';

type Json = Record<string, unknown>;

const { instructor: good } = JSON.parse(
  readFileSync(new URL('../../../openai/package.json', import.meta.url), 'utf8'),
) as { instructor: { contract: number; providers: Json[] } };
const [provider] = good.providers as [Json];
const capabilities = provider['capabilities'] as Json;
const limits = provider['limits'] as Json;

const withProvider = (change: Json) => ({ ...good, providers: [{ ...provider, ...change }] });
const withCapabilities = (change: Json) => withProvider({ capabilities: { ...capabilities, ...change } });
const withLimits = (change: Json) => withProvider({ limits: { ...limits, ...change } });

const SOUND: Record<string, unknown> = {
  'as OpenAI declares itself': good,
  'no providers at all': { ...good, providers: [] },
  'two providers': { ...good, providers: [provider, { ...provider, id: 'other' }] },
  'keys that nobody knows': { ...withProvider({ colour: 'red' }), homepage: 'x' },
  'nothing optional': {
    contract: 1,
    providers: [
      {
        id: 'a',
        name: 'A',
        module: './a.js',
        credentials: [],
        counts: [],
        capabilities: {
          list: { supported: true },
          create: { supported: true },
          cancel: { supported: false },
          delete: { supported: false },
          results: { supported: true },
          partialResults: false,
        },
        limits: {},
      },
    ],
  },
  'no deleteFiles': withCapabilities({ deleteFiles: undefined }),
  'no direct requests': withCapabilities({ direct: undefined }),
  'a limit of tokens': withLimits({ tokens: 5_000_000 }),
  'an empty default model': withProvider({ defaultModel: '' }),
  'a folder whose name begins with dots': withProvider({ module: './..dist/index.js' }),
  'no tokenizers and no prices': withProvider({ tokenizers: undefined, prices: undefined }),
  'no tokenizer in the list': withProvider({ tokenizers: [] }),
  'a bound that is no whole number': withLimits({ bytes: 0.5 }),
};

const BROKEN: Record<string, unknown> = {
  nothing: undefined,
  null: null,
  'a text': 'openai',
  'a list': [good],
  'no contract': { providers: [] },
  'a newer contract': { ...good, contract: 2 },
  'a contract as text': { ...good, contract: '1' },
  'no list of providers': { contract: 1 },
  'providers by name': { contract: 1, providers: { openai: provider } },
  'a provider that is null': { contract: 1, providers: [null] },
  'a provider that is a list': { contract: 1, providers: [[]] },
  'one broken provider beside a sound one': { contract: 1, providers: [provider, {}] },
  'an id that comes twice': { ...good, providers: [provider, { ...provider, name: 'Another' }] },
  'no id': withProvider({ id: undefined }),
  'capitals in the id': withProvider({ id: 'OpenAI' }),
  'a long id': withProvider({ id: 'a'.repeat(33) }),
  'an id that begins with a digit': withProvider({ id: '1st' }),
  'an empty name': withProvider({ name: '' }),
  'a module that leads out': withProvider({ module: './../../secret.js' }),
  'a module by its absolute path': withProvider({ module: '/etc/passwd' }),
  'a module without ./': withProvider({ module: 'dist/index.js' }),
  'a module with backslashes': withProvider({ module: '.\\dist\\index.js' }),
  'credentials as text': withProvider({ credentials: 'OPENAI_API_KEY' }),
  'credentials with a number': withProvider({ credentials: [1] }),
  'no counts': withProvider({ counts: undefined }),
  'a base URL variable that is null': withProvider({ baseUrlEnv: null }),
  'a protocol that is a list': withProvider({ protocol: ['openai'] }),
  'endpoints as text': withProvider({ endpoints: '/v1/chat/completions' }),
  'no endpoint in the list': withProvider({ endpoints: [] }),
  'no request keys in the list': withProvider({ requestKeys: [] }),
  'completion windows with a number': withProvider({ completionWindows: [24] }),
  'request keys as an object': withProvider({ requestKeys: {} }),
  'a pattern that is none': withProvider({ batchIdPattern: '(' }),
  'a pattern that is a number': withProvider({ batchIdPattern: 7 }),
  'no capabilities': withProvider({ capabilities: undefined }),
  'a capability that is missing': withCapabilities({ cancel: undefined }),
  'a capability that is only true': withCapabilities({ list: true }),
  'supported as text': withCapabilities({ delete: { supported: 'no' } }),
  'a note that is a number': withCapabilities({ results: { supported: true, note: 1 } }),
  'deleteFiles that is null': withCapabilities({ deleteFiles: null }),
  'direct that is only true': withCapabilities({ direct: true }),
  'a limit of no tokens': withLimits({ tokens: 0 }),
  'metadata without bounds': withCapabilities({ metadata: {} }),
  'metadata with a bound of 0': withCapabilities({
    metadata: { maxPairs: 0, maxKeyLength: 64, maxValueLength: 512 },
  }),
  'expiry with one bound': withCapabilities({ expiry: { minSeconds: 1 } }),
  'partialResults as text': withCapabilities({ partialResults: 'yes' }),
  'tokenizers as an object': withProvider({ tokenizers: {} }),
  'a tokenizer of unknown encoding': withProvider({ tokenizers: [{ match: '.', encoding: 'p50k_base' }] }),
  'a tokenizer without a pattern': withProvider({ tokenizers: [{ encoding: 'o200k_base' }] }),
  'a tokenizer with a factor of 0': withProvider({
    tokenizers: [{ match: '.', encoding: 'o200k_base', factor: 0 }],
  }),
  'prices that lead out': withProvider({ prices: '../prices.json' }),
  'prices themselves': withProvider({ prices: { models: [] } }),
  'no limits': withProvider({ limits: undefined }),
  'limits as a list': withProvider({ limits: [] }),
  'a negative limit': withLimits({ requests: -1 }),
  'an endless limit': withLimits({ bytes: Number.POSITIVE_INFINITY }),
  'a limit that is not a number': withLimits({ requests: Number.NaN }),
  'a custom id pattern that is none': withLimits({ customId: '[' }),
  'oneModelPerBatch as text': withLimits({ oneModelPerBatch: 'true' }),
};

describe('the schema and the guard of declarations agree', () => {
  for (const [name, declared] of Object.entries(SOUND)) {
    it(`on a sound one: ${name}`, () => {
      const { success, error } = pluginDeclarationSchema.safeParse(declared);

      expect(readDeclaration(declared).problems).to.deep.equal([]);
      expect(success, error?.message).to.equal(true);
    });
  }

  for (const [name, declared] of Object.entries(BROKEN)) {
    it(`on a broken one: ${name}`, () => {
      expect(readDeclaration(declared).problems).to.have.lengthOf(1);
      expect(pluginDeclarationSchema.safeParse(declared).success).to.equal(false);
    });
  }
});
