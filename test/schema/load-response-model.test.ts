import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { loadResponseModel } from '../../src/schema/load-response-model.js';
import { isResponseModelError, type ResponseModelError } from '../../src/schema/response-model-error.js';

const ZOD = "import { z } from 'zod';\n";

describe('loading a response model', () => {
  let directory: string;

  beforeEach(async () => {
    // Outside of any project, so that there are no node_modules to find zod in.
    directory = await mkdtemp(join(tmpdir(), 'instructor-schema-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
  }
  async function failure(spec: string): Promise<ResponseModelError> {
    try {
      await loadResponseModel(spec, directory);
    } catch (error) {
      if (isResponseModelError(error)) return error;
      throw error;
    }
    throw new Error('it was accepted');
  }

  it('reads TypeScript with our own zod where there is none, and leaves nothing behind', async () => {
    await write({
      'schemas.ts': `${ZOD}interface Extra { a: string }\nexport const Person: z.ZodType = z.object({ a: z.string() });`,
    });

    const model = await loadResponseModel('schemas.ts#Person', directory);

    expect(model.name).to.equal('Person');
    expect(model.validate({ a: 'x' })).to.deep.equal({ ok: true, value: { a: 'x' } });
    expect(await readdir(directory)).to.deep.equal(['schemas.ts']);
  });

  for (const [entry, code] of [
    ['zod/v4', "import { z } from 'zod/v4'; export default z.object({ a: z.string() })"],
    ['zod/mini', "import * as z from 'zod/mini'; export default z.object({ a: z.string() })"],
    ['zod/v4-mini', "import * as z from 'zod/v4-mini'; export default z.object({ a: z.string() })"],
    [
      'zod/v4/core',
      "import * as core from 'zod/v4/core'; import { z } from 'zod'; export default z.object({ a: z.string() }); export const kept = core.$ZodString",
    ],
  ] as const) {
    it(`finds our ${entry}`, async () => {
      await write({ 's.ts': code });

      expect((await loadResponseModel('s.ts', directory)).jsonSchema).to.have.nested.property(
        'properties.a.type',
        'string',
      );
    });
  }

  it('prefers the zod of the project', async () => {
    await write({
      'node_modules/zod/package.json': '{"name":"zod","version":"3.22.0","main":"index.js"}',
      'node_modules/zod/index.js': 'exports.z = { object: () => ({ _def: {}, safeParse() {} }) };',
      'schema.ts': `${ZOD}export const P = z.object({})`,
    });

    expect((await failure('schema.ts#P')).fix).to.match(/Upgrade to zod 4/);
  });

  it('reads every kind of module, and JSON', async () => {
    await write({
      'a.mts': `${ZOD}export const A = z.string()`,
      'b.mjs': `${ZOD}export const B = z.string()`,
      'c.cjs': "const { z } = require('zod'); module.exports = { C: z.string() }",
      'd.js': "export default { type: 'object', properties: { a: { type: 'string' } } }",
      'e.json': '\uFEFF{"title":"E","type":"string"}',
      'f.cjs': "module.exports = require('zod').z.string()",
      'odd#name.json': '{"type":"string"}',
    });

    const names = [];
    for (const spec of ['a.mts', 'b.mjs#B', 'c.cjs', 'd.js', 'e.json', 'f.cjs', 'odd#name.json']) {
      names.push((await loadResponseModel(spec, directory)).name);
    }
    expect(names).to.deep.equal(['A', 'B', 'C', 'd', 'E', 'f', 'odd#name']);
  });

  it('follows imports between the user’s files, in circles too', async () => {
    await write({
      'a.ts': `${ZOD}import { B } from './b.js';\nexport const A = z.object({ get b() { return B.optional(); } });`,
      'b.ts': `${ZOD}import { A } from './a';\nexport const B = z.object({ get a() { return A.optional(); } });`,
    });

    expect((await loadResponseModel('a.ts', directory)).name).to.equal('A');
  });

  it('chooses the default export, or the only schema', async () => {
    await write({
      'default.ts': `${ZOD}export default z.object({ a: z.string() }); export const other = z.string()`,
      'only.ts': `${ZOD}export const helper = () => 3; export const Only = z.string()`,
      'several.ts': `${ZOD}export const One = z.string(); export const Two = z.string()`,
      'none.ts': 'export const helper = 3',
    });

    expect((await loadResponseModel('default.ts', directory)).name).to.equal('default');
    expect((await loadResponseModel('only.ts', directory)).name).to.equal('Only');
    const several = await failure('several.ts');
    expect(several.message).to.match(/One, Two/);
    expect(several.fix).to.include('several.ts#One');
    expect((await failure('none.ts')).message).to.match(/exports no schema/);
  });

  it('says what is wrong with the file', async () => {
    await write({
      'syntax.ts': 'export const a = {\n  b: 1,\n  c: = 3\n}',
      'names.ts': `${ZOD}export const Person = z.object({ a: z.string() }); export const Address = z.string(); export const count = 3`,
      'throws.ts': "throw new Error('boom')",
      'ends.ts': 'process.exit(0)',
      'imports.ts': "import x from 'nowhere-package'; export default x",
      'broken.json': '{"type":',
      'data.json': '{"name":"Ada"}',
      'schema.txt': '',
    });

    expect((await failure('missing.ts#A')).message).to.match(/missing\.ts does not exist/);
    const syntax = await failure('syntax.ts');
    expect(syntax.message).to.match(/syntax\.ts:3:\d+ cannot be read/);
    expect(syntax.fix).to.equal('Correct line 3.');
    expect((await failure('names.ts#Persn')).fix).to.equal('Did you mean Person?');
    expect((await failure('names.ts#Zzzzzzzzzzz')).fix).to.equal('It exports Address, Person.');
    expect((await failure('names.ts#count')).message).to.equal('count is a number, not a schema');
    expect((await failure('throws.ts')).message).to.match(/boom/);
    expect((await failure('ends.ts')).message).to.match(/it ends the program/);
    expect((await failure('imports.ts')).message).to.match(/"nowhere-package", which was not found/);
    expect((await failure('broken.json')).message).to.match(/is not JSON/);
    expect((await failure('data.json')).message).to.match(/not a JSON Schema/);
    expect((await failure('data.json#A')).fix).to.match(/Leave out/);
    expect((await failure('schema.txt')).fix).to.match(/\.json/);
  });
});
