import { expect } from 'chai';
import type { ProviderEntry } from '../../src/registry/provider-registry.js';
import { renderProviders, supportMatrix } from '../../src/ui/provider-table.js';
import { declarationOf } from './support/declarations.js';
import { withoutTerminalSettings } from './support/terminal-of.js';

const declarations = [declarationOf('anthropic'), declarationOf('openai')];
const entries: ProviderEntry[] = declarations.map((declaration) => ({
  declaration,
  plugin: { name: `@x/${declaration.id}`, version: '1.2.3', root: '/', origin: 'bundled', declared: {} },
}));

describe('the support matrix', () => {
  withoutTerminalSettings();

  it('says what the declarations say', () => {
    const matrix = supportMatrix(declarations);
    expect(matrix.find(({ operation }) => operation === 'Delete')?.cells).to.deep.equal([
      { supported: true, note: 'Ended batches' },
      { supported: false, note: 'Not supported' },
    ]);
    expect(matrix.find(({ operation }) => operation === 'Metadata')?.cells).to.deep.equal([
      { supported: false, note: 'None' },
      { supported: true, note: '16 pairs' },
    ]);
  });

  for (const columns of [80, 120]) {
    it(`fits ${columns} columns`, async () => {
      process.env['COLUMNS'] = String(columns);
      process.env['NO_COLOR'] = '1';
      const table = (await renderProviders(entries, {})).split('\n\n')[0] ?? '';
      for (const line of table.split('\n')) expect(line.length, line).to.be.at.most(columns);
    });
  }

  it('says where each provider comes from, and whether there is a key, without showing it', async () => {
    process.env['NO_COLOR'] = '1';
    const text = await renderProviders(entries, { OPENAI_API_KEY: 'sk-secret' });
    expect(text).to.contain('openai       @x/openai 1.2.3, bundled; key set');
    expect(text).to.contain('no key (ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN)');
    expect(text).not.to.contain('sk-secret');
  });

  it('says that there are none', async () => {
    expect(await renderProviders([], {})).to.equal('No providers are installed');
  });
});
