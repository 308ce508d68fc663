import { expect } from 'chai';
import { isProviderError, type ProviderError } from '@instructor-cli/provider-kit';
import { pathPart, readBaseUrl, readKey } from '@instructor-cli/provider-kit/wire';
import { providerOptions } from '../support/provider-options.js';

const { declaration } = providerOptions('anthropic');
const OWN = 'https://api.example';

function thrown(action: () => unknown): ProviderError {
  try {
    action();
  } catch (error) {
    if (isProviderError(error)) return error;
  }
  return expect.fail('expected a ProviderError');
}

describe('the key of a provider', () => {
  it('comes from the first variable that holds one, without spaces around it', () => {
    const env = { ANTHROPIC_API_KEY: ' ', ANTHROPIC_AUTH_TOKEN: 'token\n' };

    expect(readKey({ declaration, env })).to.deep.equal({ variable: 'ANTHROPIC_AUTH_TOKEN', key: 'token' });
  });

  it('is asked for by the names of its variables', () => {
    expect(thrown(() => readKey({ declaration, env: {} }))).to.include({
      code: 'authentication',
      hint: 'Set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN',
    });
  });

  for (const key of ['sk-secret\nsk-other', 'sk-secret other', '“sk-secret”']) {
    it(`is refused and not repeated if it is ${JSON.stringify(key)}`, () => {
      const error = thrown(() => readKey({ declaration, env: { ANTHROPIC_API_KEY: key } }));

      expect(error.code).to.equal('authentication');
      expect(`${error.stack} ${JSON.stringify(error)}`).not.to.include('sk-secret');
    });
  }
});

describe('the address of a provider', () => {
  const url = (value?: string): string =>
    readBaseUrl({ declaration, env: { ANTHROPIC_BASE_URL: value } }, OWN);

  it('is its own unless the user chose one', () => {
    expect(url()).to.equal(OWN);
    expect(url('  ')).to.equal(OWN);
    expect(url(' http://127.0.0.1:4010 ')).to.equal('http://127.0.0.1:4010');
  });

  it('is refused by the name of its variable if it is none', () => {
    for (const value of ['localhost:4010', 'api.example', 'file:///etc/passwd', '/v1']) {
      expect(thrown(() => url(value)).message, value).to.match(/^ANTHROPIC_BASE_URL is not/);
    }
  });

  it('may hold no password, which is not repeated', () => {
    const error = thrown(() => url('https://me:hunter2@api.example'));

    expect(error.message).to.match(/ANTHROPIC_BASE_URL/);
    expect(`${error.message} ${error.hint}`).not.to.include('hunter2');
  });
});

describe('an id in a path', () => {
  it('is escaped', () => {
    expect(pathPart('batch_1')).to.equal('batch_1');
    expect(pathPart('a/b?c#d ü')).to.equal('a%2Fb%3Fc%23d%20%C3%BC');
  });

  it('cannot step out of its place', () => {
    for (const id of ['', '.', '..']) expect(thrown(() => pathPart(id)).code, id).to.equal('not_found');
  });
});
