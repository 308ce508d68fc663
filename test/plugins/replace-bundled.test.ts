import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { registerPlugins, writePlugin, type Json } from '../support/plugins.js';
import { ROOT, runInstructor, temporaryFolder } from '../support/run-instructor.js';

describe('a plugin with the name of a bundled one', () => {
  let home: { path: string; remove: () => Promise<void> };

  before(async () => (home = await temporaryFolder()));
  after(() => home.remove());

  for (const origin of ['installed', 'linked'] as const) {
    it(`takes its place if it is ${origin}, and is shown as what it is`, async () => {
      const own = join(home.path, origin);
      const name = '@instructor-cli/openai';
      const bundled = await readFile(join(ROOT, 'plugins/openai/package.json'), 'utf8');
      const { instructor } = JSON.parse(bundled) as { instructor: { providers: Json[] } };
      Object.assign(instructor.providers[0]!, { module: './index.js', name: 'OpenAI, newer' });
      const root = await writePlugin(join(own, 'data/node_modules', name), {
        name,
        version: '9.9.9',
        instructor,
      });
      await registerPlugins(own, [{ name, ...(origin === 'linked' ? { root } : {}) }]);

      const { code, stdout, stderr } = await runInstructor(['providers'], { env: { HOME: own } });
      const json = await runInstructor(['providers', '--json'], { env: { HOME: own } });
      const { providers } = JSON.parse(json.stdout) as { providers: { id: string; plugin: unknown }[] };

      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(new RegExp(`openai +@instructor-cli/openai 9\\.9\\.9, ${origin};`));
      expect(stdout).to.include('OpenAI, newer');
      expect(providers.map(({ id }) => id)).to.deep.equal(['anthropic', 'openai']);
      expect(providers[1]!.plugin).to.deep.equal({ name, version: '9.9.9', origin });
    });
  }
});
