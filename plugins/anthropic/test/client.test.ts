import { expect } from 'chai';
import nock from 'nock';
import { providerError } from '../../provider-kit/test/support/caught.js';
import { loadedPackages } from '../../provider-kit/test/support/loaded-modules.js';
import { withoutNetwork } from '../../provider-kit/test/support/network.js';
import { anthropic, batchObject, HOST, PATH } from './support/provider.js';

describe('the client of Anthropic', () => {
  withoutNetwork();

  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'];
  const before = new Map(names.map((name) => [name, process.env[name]]));
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const retrieve = async (env: Record<string, string>): Promise<void> => {
    await anthropic({ env, userAgent: 'instructor/1' }).retrieve('msgbatch_1');
  };
  const expectHeader = (authorization: string): void => {
    nock(HOST, { reqheaders: { authorization, 'user-agent': 'instructor/1' } })
      .get(`${PATH}/msgbatch_1`)
      .reply(200, batchObject('msgbatch_1'));
  };

  it('takes everything from the environment it was given, nothing from that of the process', async () => {
    for (const name of names) process.env[name] = 'https://process.example';
    expectHeader('Bearer sk-own-key');

    await retrieve({ ANTHROPIC_API_KEY: 'sk-own-key' });
  });

  it('takes the key before the token, and the token if there is no key', async () => {
    expectHeader('Bearer the-key');
    await retrieve({ ANTHROPIC_API_KEY: 'the-key', ANTHROPIC_AUTH_TOKEN: 'the-token' });

    expectHeader('Bearer the-token');
    await retrieve({ ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: 'the-token' });
  });

  it('asks for a key before anything is sent', async () => {
    expect(await providerError(anthropic({ env: {} }).retrieve('msgbatch_1'))).to.include({
      code: 'authentication',
      hint: 'Set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN',
    });
  });

  it('is not loaded for anything that needs no service', async () => {
    const url = new URL('../dist/index.js', import.meta.url).href;
    const packages = await loadedPackages(`
      const { createProvider } = await import(${JSON.stringify(url)});
      const provider = createProvider({ declaration: { name: 'Anthropic', credentials: [] }, env: {} });
      const model = 'claude-haiku-4-5';
      const schema = provider.compileSchema({ type: 'object', properties: { a: { type: 'string' } } }, { model, name: 'X' });
      const line = provider.createRequestBuilder({ model, schema }).build({ customId: 'a', messages: [] });
      provider.checkRequest(line);
      provider.readResult({ custom_id: 'a' });
      provider.customIdAtStart('{}');
      provider.list();
    `);

    expect(packages).to.deep.equal([]);
  });
});
