import { expect } from 'chai';
import { readDeclaration } from '@instructor-cli/provider-kit/declaration';
import { anyJson } from '../support/any-json.js';
import { providerOptions } from '../support/provider-options.js';

const { declaration } = providerOptions('openai');
const declare = (changes: object): ReturnType<typeof readDeclaration> =>
  readDeclaration({ contract: 1, providers: [{ ...declaration, ...changes }] });
const { capabilities, limits } = declaration;
const tokenizer = { match: '.', encoding: 'o200k_base' };

describe('the declaration of a plugin', () => {
  for (const plugin of ['openai', 'anthropic'] as const) {
    it(`is in order for ${plugin}`, () => {
      const { declaration: own } = providerOptions(plugin);

      expect(readDeclaration({ contract: 1, providers: [own] })).to.deep.equal({
        providers: [own],
        problems: [],
      });
    });
  }

  it('of a newer contract asks for a newer instructor', () => {
    expect(readDeclaration({ contract: 2, providers: [] }).problems[0]).to.match(/update instructor$/);
    expect(readDeclaration({ contract: '1', providers: [] }).problems[0]).not.to.match(/update instructor/);
  });

  it('loses the broken provider alone', () => {
    const read = readDeclaration({ contract: 1, providers: [{ id: 'Broken!' }, declaration] });

    expect(read.providers).to.deep.equal([declaration]);
    expect(read.problems).to.deep.equal([
      'instructor.providers[0].id: must be lower-case letters, digits and dashes',
    ]);
  });

  it('cannot have one provider twice', () => {
    const read = readDeclaration({ contract: 1, providers: [declaration, declaration] });

    expect(read.providers).to.have.length(1);
    expect(read.problems).to.deep.equal(['instructor.providers[1].id: "openai" is declared twice']);
  });

  for (const module of [
    '../evil.js',
    './a/../../evil.js',
    '/etc/evil.js',
    'node:fs',
    'dist/index.js',
    './a\\b.js',
    '',
  ]) {
    it(`cannot load ${JSON.stringify(module)}`, () => {
      expect(declare({ module }).problems[0]).to.match(/\.module: must be a path inside the plugin/);
    });
  }

  const broken: [place: string, changes: object][] = [
    ['name', { name: '' }],
    ['credentials', { credentials: 'OPENAI_API_KEY' }],
    ['counts', { counts: [1] }],
    ['baseUrlEnv', { baseUrlEnv: 1 }],
    ['defaultModel', { defaultModel: null }],
    ['protocol', { protocol: {} }],
    ['endpoints', { endpoints: [] }],
    ['completionWindows', { completionWindows: '24h' }],
    ['batchIdPattern', { batchIdPattern: '(' }],
    ['limits', { limits: undefined }],
    ['limits.requests', { limits: { ...limits, requests: 0 } }],
    ['limits.bytes', { limits: { ...limits, bytes: '1' } }],
    ['limits.customId', { limits: { ...limits, customId: '[' } }],
    ['limits.oneModelPerBatch', { limits: { ...limits, oneModelPerBatch: 'yes' } }],
    ['capabilities', { capabilities: [] }],
    ['capabilities.cancel', { capabilities: { ...capabilities, cancel: undefined } }],
    ['capabilities.list', { capabilities: { ...capabilities, list: true } }],
    ['capabilities.list.note', { capabilities: { ...capabilities, list: { supported: true, note: 1 } } }],
    ['capabilities.partialResults', { capabilities: { ...capabilities, partialResults: undefined } }],
    ['capabilities.metadata', { capabilities: { ...capabilities, metadata: { maxPairs: 1 } } }],
    ['tokenizers', { tokenizers: {} }],
    ['tokenizers[0]', { tokenizers: ['o200k_base'] }],
    ['tokenizers[0].match', { tokenizers: [{ encoding: 'o200k_base' }] }],
    ['tokenizers[0].match', { tokenizers: [{ match: '(', encoding: 'o200k_base' }] }],
    ['tokenizers[1].encoding', { tokenizers: [tokenizer, { match: '.', encoding: 'p50k_base' }] }],
    ['tokenizers[0].factor', { tokenizers: [{ ...tokenizer, factor: 0 }] }],
    ['tokenizers[0].errorPercent', { tokenizers: [{ ...tokenizer, errorPercent: '5' }] }],
    ['prices', { prices: '../prices.json' }],
    ['prices', { prices: true }],
    ['capabilities.expiry', { capabilities: { ...capabilities, expiry: { minSeconds: 1 } } }],
  ];
  for (const [place, changes] of broken) {
    it(`names ${place} if that is broken`, () => {
      const { providers, problems } = declare(changes);

      expect(providers).to.deep.equal([]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(
        new RegExp(`^instructor\\.providers\\[0\\]\\.${place.replace(/[.[\]]/g, '\\$&')}: must`),
      );
    });
  }

  it('may lack what is optional', () => {
    const { id, name, module, credentials, counts } = declaration;
    const { deleteFiles: _deleteFiles, metadata: _metadata, expiry: _expiry, ...operations } = capabilities;
    const minimal = { id, name, module, credentials, counts, capabilities: operations, limits: {} };

    expect(readDeclaration({ contract: 1, providers: [minimal] }).problems).to.deep.equal([]);
  });

  it('can hold anything without harm', () => {
    const fields = [
      'contract',
      'providers',
      'id',
      'name',
      'module',
      'capabilities',
      'limits',
      'list',
      '__proto__',
    ];
    for (const value of anyJson(fields, 2000)) {
      expect(readDeclaration(value).providers).to.deep.equal([]);
      expect(readDeclaration({ contract: 1, providers: [value] }).providers).to.deep.equal([]);
    }
  });
});
