import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import { parseAs, schemaCheckSchema } from '../support/json-schemas.js';
import { ACME, acmeDeclaration, registerPlugins, writePlugin, type Json } from '../support/plugins.js';
import { runInstructor, temporaryFolder, type RunResult } from '../support/run-instructor.js';

const SCHEMAS = `
import { z } from 'zod';
export const Person = z.object({
  name: z.string().min(2),
  age: z.number().describe('In years').optional(),
  born: z.iso.date().describe('Day of birth').transform((text) => new Date(text)),
}).refine(({ name }) => name !== '');
export const Tree = z.object({
  v: z.string().describe('The value'),
  get kids() { return z.array(Tree).describe('What hangs on it'); },
});
export const Plain = z.object({ label: z.enum(['good', 'bad']).describe('The verdict') });
export const Many = z.object({ code: z.enum(Array.from({ length: 1001 }, (_, i) => 'c' + i)).describe('A code') });
`;

describe('schema check', () => {
  let folder: string;
  let remove: () => Promise<void>;

  before(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    await writeFile(join(folder, 'schemas.ts'), SCHEMAS);
    await writeFile(
      join(folder, 'record.json'),
      JSON.stringify({ title: 'Rec\u202eord', type: 'object', additionalProperties: { type: 'number' } }),
    );
  });
  after(async () => remove());

  const check = (args: string[], env: Record<string, string> = {}): Promise<RunResult> =>
    runInstructor(['schema', 'check', ...args], { cwd: folder, env });

  const checked = async (...args: string[]) => {
    const run = await check([...args, '--json']);
    return { code: run.code, report: parseAs(schemaCheckSchema, run.stdout) };
  };

  it('shows the schema as each provider gets it, and below it what to know, without a key', async () => {
    const { code, stdout, stderr } = await check(['schemas.ts#Person']);

    expect(code, stderr).to.equal(0);
    const [anthropic = '', openai = '', everyone = ''] = stdout.split('\n\n');
    expect(anthropic).to.match(
      /^Anthropic {2}claude-haiku-4-5, as the format of the answer\n\{\n {2}"type": "object"/,
    );
    expect(openai).to.match(/^OpenAI {2}gpt-4o-mini, as the format of the answer\n\{/);
    expect(openai).to.match(
      /^warning {2}\/properties\/name {2}OpenAI does not enforce "minLength"; .*; loosen it if too many/m,
    );
    expect(openai).to.match(
      /^info {5}\/properties\/age {2}is optional, which OpenAI is told as required .*; make it/m,
    );
    expect(anthropic).to.match(
      /^info {5}\/properties\/age {2}is optional, and the model may leave it out; make it/m,
    );
    expect(
      everyone
        .trim()
        .split('\n')
        .map((line) => line.replace(/ {2}(has|is) .*/, '')),
    ).to.deep.equal([
      'Person  for every provider',
      'warning  /properties/name',
      'info     /',
      'info     /properties/born',
    ]);
    expect(stderr).to.equal('Person can be used for 2 of 2, 3 warnings\n');
    const json = JSON.parse(openai.slice(openai.indexOf('{'), openai.lastIndexOf('\n}\n') + 2)) as object;
    expect(json).to.have.deep.property('required', ['name', 'age', 'born']);
  });

  it('prints one document with --json', async () => {
    const { code, report } = await checked('schemas.ts#Person', '--provider', 'openai');

    expect(code).to.equal(0);
    expect(report).to.include({ name: 'Person' });
    expect(report.findings.map(({ rule, path }) => `${rule} ${path}`)).to.deep.equal([
      'no_description /properties/name',
      'refinement ',
      'transform /properties/born',
    ]);
    expect(report.providers).to.have.lengthOf(1);
    expect(report.providers[0]).to.include({
      provider: 'openai',
      model: 'gpt-4o-mini',
      endpoint: '/v1/chat/completions',
      usable: true,
      mode: 'format',
    });
    expect(report.providers[0]?.schema)
      .to.have.nested.property('properties.age.type')
      .deep.equal(['number', 'null']);
  });

  it('shows the others where one provider refuses the schema, and exits with 1', async () => {
    const { code, stdout, stderr } = await check(['schemas.ts#Tree']);

    expect(code).to.equal(1);
    expect(stdout).to.match(
      /^Anthropic {2}claude-haiku-4-5, cannot be given this schema\nerror {4}\/properties\/kids\/items {2}.*contains itself.*; write out as many levels/m,
    );
    expect(stdout).to.match(/^info {5}\/properties\/kids\/items {2}contains the schema that it stands in/m);
    expect(stderr).to.equal('Tree can be used for 1 of 2, 1 error\n');

    const { report } = await checked('schemas.ts#Tree');
    expect(report.providers[0]).to.include({
      provider: 'anthropic',
      usable: false,
      mode: null,
      schema: null,
    });
    expect(report.providers[0]?.findings).to.have.lengthOf(1);
    expect(report.providers[1]).to.include({ provider: 'openai', usable: true });
  });

  it('names the limit that an enum is over, for the provider that has one', async () => {
    const { code, report } = await checked('schemas.ts#Many');

    expect(code).to.equal(1);
    const [anthropic, openai] = report.providers;
    expect(anthropic?.usable).to.equal(true);
    expect(openai?.findings).to.have.lengthOf(1);
    expect(openai?.findings[0]).to.include({ level: 'error', rule: 'refused', path: '/properties/code' });
    expect(openai?.findings[0]?.message).to.match(/1001 enum values; OpenAI accepts 1000/);
  });

  it('compares models, of which older ones are made to call a tool', async () => {
    const models = [
      'anthropic/claude-3-haiku-20240307',
      'anthropic/claude-haiku-4-5',
      'openai/ft:gpt-4o-mini:acme',
    ];
    const { code, report } = await checked('record.json', ...models.flatMap((model) => ['--model', model]));

    expect(code).to.equal(1);
    expect(report.providers.map(({ model, mode }) => `${model} ${mode}`)).to.deep.equal([
      'claude-3-haiku-20240307 tool',
      'claude-haiku-4-5 null',
      'ft:gpt-4o-mini:acme null',
    ]);
    // Who refuses it says so; the root is not named a second time.
    expect(report.findings).to.deep.equal([]);
    const text = await check(['record.json', '--model', models[0]!]);
    expect(text.code).to.equal(0);
    expect(text.stdout).to.match(/^Anthropic {2}claude-3-haiku-20240307, as the input of a forced tool$/m);
    expect(text.stdout).to.match(/^warning {2}\/ {2}is an object whose properties are not declared/m);
    expect(text.stdout).to.include('Rec\\u202eord');
  });

  it('says so where an endpoint takes no schema', async () => {
    const { code, report } = await checked(
      'schemas.ts#Plain',
      '--provider',
      'openai',
      '--endpoint',
      '/v1/embeddings',
    );

    expect(code).to.equal(1);
    expect(report.providers[0]).to.include({ usable: false, endpoint: '/v1/embeddings' });
    expect(report.providers[0]?.findings[0]).to.include({ level: 'error', rule: 'settings' });
  });

  it('exits with 1 for warnings under --strict only', async () => {
    expect((await check(['schemas.ts#Person', '--strict'])).code).to.equal(1);
    const plain = await check(['schemas.ts#Plain', '--strict']);
    expect(plain.code).to.equal(0);
    expect(plain.stderr).to.equal('Plain can be used for 2 of 2\n');
  });

  it('keeps to the width of the screen, and colours only where it is wanted', async () => {
    const narrow = await check(['schemas.ts#Person'], { COLUMNS: '80' });
    for (const line of narrow.stdout.split('\n')) expect(line.length, line).to.be.at.most(80);
    expect(narrow.stdout).to.match(/^info {5}\S.*\n {9}\S/m);
    expect(narrow.stdout).to.not.include('\u001b');
    const loud = await check(['schemas.ts#Person'], { FORCE_COLOR: '1' });
    expect(loud.stdout).to.include('\u001b[33mwarning\u001b[39m  /properties/name');
    const mute = await check(['schemas.ts#Person'], { FORCE_COLOR: '1', NO_COLOR: '1' });
    expect(mute.stdout).to.not.include('\u001b');
  });

  it('refuses hints that contradict each other, and files without the schema', async () => {
    const [contradiction, unknown, nowhere, nothing] = await Promise.all([
      check(['schemas.ts#Plain', '--provider', 'openai', '--model', 'anthropic/claude-haiku-4-5']),
      check(['schemas.ts#Plain', '--provider', 'acme']),
      check(['schemas.ts#Persn']),
      check([]),
    ]);
    expectFailure(contradiction, { code: 2, says: /--provider openai contradicts --model anthropic/ });
    expectFailure(unknown, { code: 2, says: /There is no provider "acme"/ });
    expectFailure(nowhere, { code: 2, says: /no export "Persn"/, advises: /Did you mean Person/ });
    expectFailure(nothing, { code: 2, says: /Missing 1 required arg/ });
    const several = ['--provider', 'openai', '--provider', 'anthropic', '--model', 'openai/gpt-4o'];
    const { report } = await checked('schemas.ts#Plain', ...several);
    expect(report.providers.map(({ provider, model }) => `${provider} ${model}`)).to.deep.equal([
      'openai gpt-4o',
      'anthropic claude-haiku-4-5',
    ]);
  });

  it('asks the providers of other plugins too, and goes on where one does not work', async () => {
    const home = await temporaryFolder();
    try {
      const plugin = async (id: string, change: Json): Promise<{ name: string; root: string }> => {
        const name = `instructor-provider-${id}`;
        const declaration = { ...(await acmeDeclaration()), id, module: './index.js', ...change };
        const instructor = { contract: 1, providers: [declaration] };
        return { name, root: await writePlugin(join(home.path, id), { name, instructor }) };
      };
      await registerPlugins(home.path, [
        { name: 'instructor-provider-acme', root: ACME },
        await plugin('broken', {}),
        await plugin('bare', { defaultModel: undefined }),
      ]);
      const run = await runInstructor(['schema', 'check', 'schemas.ts#Tree', '--json'], {
        cwd: folder,
        env: { HOME: home.path },
      });

      const { providers } = parseAs(schemaCheckSchema, run.stdout);
      expect(run.code).to.equal(1);
      expect(
        providers.map(({ provider, usable, findings }) => `${provider} ${usable} ${findings[0]?.rule}`),
      ).to.deep.equal([
        'acme true recursion',
        'anthropic false refused',
        'bare false no_model',
        'broken false plugin',
        'openai true recursion',
      ]);
    } finally {
      await home.remove();
    }
  });
});
