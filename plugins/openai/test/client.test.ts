import { createRequire } from 'node:module';
import { expect } from 'chai';
import nock from 'nock';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { loadedPackages } from '../../provider-kit/test/support/loaded-modules.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { batchObject, HOST, openai } from './support/provider.js';

const PROCESS_VARIABLES = [
  'OPENAI_ADMIN_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_ORG_ID',
  'OPENAI_API_KEY',
  'OPENAI_LOG',
];

describe('the client of OpenAI', () => {
  withoutNetwork();

  const before = new Map(PROCESS_VARIABLES.map((name) => [name, process.env[name]]));
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('takes everything from the environment it was given, nothing from that of the process', async () => {
    process.env['OPENAI_ADMIN_KEY'] = 'sk-admin-of-the-process';
    process.env['OPENAI_API_KEY'] = 'sk-key-of-the-process';
    process.env['OPENAI_BASE_URL'] = 'https://process.example/v1';
    process.env['OPENAI_ORG_ID'] = 'org-process';
    nock(HOST, {
      reqheaders: { authorization: 'Bearer sk-own-key', 'openai-project': 'proj_1' },
      badheaders: ['openai-organization'],
    })
      .get('/v1/batches/batch_1')
      .reply(200, batchObject('batch_1'));

    await openai({
      env: { OPENAI_API_KEY: 'sk-own-key\n', OPENAI_PROJECT_ID: 'proj_1', OPENAI_ORG_ID: '' },
    }).retrieve('batch_1');
  });

  it('goes where the user says', async () => {
    nock('http://gateway.example').get('/openai/batches/batch_1').reply(200, batchObject('batch_1'));

    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://gateway.example/openai/' };
    await openai({ env }).retrieve('batch_1');
  });

  it('writes nothing to the terminal, whatever the process asks of the SDK', async () => {
    process.env['OPENAI_LOG'] = 'debug';
    const written: unknown[][] = [];
    const { debug, info, log, warn, error } = console;
    const note = (...parts: unknown[]): void => void written.push(parts);
    Object.assign(console, { debug: note, info: note, log: note, warn: note, error: note });
    try {
      nock(HOST).get('/v1/batches/batch_1').reply(404, {});
      await openai()
        .retrieve('batch_1')
        .catch(() => undefined);
    } finally {
      Object.assign(console, { debug, info, log, warn, error });
    }
    expect(written).to.deep.equal([]);
  });

  it('asks for a key, and for an address that is one, before anything is sent', async () => {
    expect(await providerError(openai({ env: {} }).retrieve('batch_1'))).to.include({
      code: 'authentication',
      hint: 'Set OPENAI_API_KEY',
    });
    const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'localhost:4010' };
    expect((await providerError(openai({ env }).retrieve('batch_1'))).message).to.equal(
      'OPENAI_BASE_URL is not the address of a service',
    );
  });

  it('is not loaded for anything that needs no service', async () => {
    const url = new URL('../dist/index.js', import.meta.url).href;
    const packages = await loadedPackages(`
      const { createProvider } = await import(${JSON.stringify(url)});
      const provider = createProvider({ declaration: { name: 'OpenAI', credentials: [], endpoints: [] }, env: {} });
      const schema = provider.compileSchema({ type: 'object', properties: { a: { type: 'string' } } }, { model: 'gpt-4o', name: 'X' });
      const line = provider.createRequestBuilder({ model: 'gpt-4o', schema }).build({ customId: 'a', messages: [] });
      provider.checkRequest(line);
      provider.readResult({ custom_id: 'a' });
      provider.customIdAtStart('{}');
      provider.list();
    `);

    expect(packages.filter((name) => !name.startsWith('@instructor-cli/'))).to.deep.equal([]);
    expect(
      await loadedPackages(
        `await import(${JSON.stringify(createRequire(import.meta.url).resolve('openai'))});`,
      ),
    ).to.include('openai');
  });
});
