import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { recogniseProvider } from '../../src/core/recognise-provider.js';
import type { ProviderEntry, ProviderRegistry } from '../../src/registry/provider-registry.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { declare } from './support/fake-provider.js';

const KEYS: Record<string, string[] | undefined> = {
  anthropic: ['custom_id', 'params'],
  openai: ['custom_id', 'body'],
  silent: undefined,
  twin: ['custom_id', 'body'],
  left: ['id', 'ask'],
  right: ['id', 'ask'],
};

const entries: ProviderEntry[] = Object.entries(KEYS).map(([id, requestKeys]) => ({
  plugin: { name: 'p', version: '1', root: '/', origin: 'bundled', declared: {} },
  declaration: declare({ id, name: id.toUpperCase(), requestKeys }),
}));
const find = (id: string): ProviderEntry | undefined =>
  entries.find(({ declaration }) => declaration.id === id);
const registry = {
  entries,
  find,
  get: (id: string) => find(id)!,
  ids: Object.keys(KEYS),
  warnings: [],
} as ProviderRegistry;

describe('recognising whose request file it is', () => {
  let path: string;
  let remove: () => Promise<void>;
  before(async () => {
    const folder = await temporaryFolder();
    ({ remove } = folder);
    path = join(folder.path, 'requests.jsonl');
  });
  after(() => remove());

  async function recognise(text: string, configured?: string): Promise<[id: string, note?: string]> {
    await writeFile(path, text);
    const { entry, note } = await recogniseProvider(registry, { path, name: 'F', configured });
    return [entry.declaration.id, note];
  }

  it('goes by the keys of the first request', async () => {
    expect(
      await recognise('\uFEFF\n \n{"custom_id":"a","params":{}}\n{"custom_id":"b","body":{}}\n'),
    ).to.deep.equal(['anthropic', undefined]);
  });

  it('takes the default where several have the same form, and says so', async () => {
    const [id, note] = await recognise('{"custom_id":"a","body":{}}');
    expect(id).to.equal('openai');
    expect(note).to.equal(
      'F has the form of several providers (OPENAI, TWIN): it is taken for one of OPENAI. --provider says otherwise',
    );
    expect((await recognise('{"custom_id":"a","body":{}}', 'twin'))[0]).to.equal('twin');
    expect((await recognise('{"custom_id":"a","body":{}}', 'left'))[0]).to.equal('openai');
    expect((await recognise('{"id":"a","ask":""}'))[0]).to.equal('left');
  });

  for (const text of ['', '\n\n', 'oops', '[]', '{"a":1}', 'null']) {
    it(`takes the default for ${JSON.stringify(text)}, and says so`, async () => {
      const [id, note] = await recognise(text);
      expect(id).to.equal('openai');
      expect(note).to.match(/^The first line of F does not tell .* one of OPENAI/);
    });
  }

  it('says that there is no such file', async () => {
    const failure = await failureOf(() => recogniseProvider(registry, { path: `${path}.none`, name: 'F' }));
    expect(failure.message).to.match(/there is no such file/);
  });
});
