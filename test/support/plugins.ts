import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ACME = fileURLToPath(new URL('../../examples/instructor-provider-acme', import.meta.url));

export type Json = Record<string, unknown>;

/** Acme's declaration of its provider, to be changed at will. */
export async function acmeDeclaration(): Promise<Json> {
  const packageJson = JSON.parse(await readFile(join(ACME, 'package.json'), 'utf8')) as {
    instructor: { providers: Json[] };
  };
  return packageJson.instructor.providers[0]!;
}

export interface FixturePlugin {
  name: string;
  version?: string;
  /** The `instructor` key. */
  instructor: unknown;
  /** Files and what is in them. */
  files?: Record<string, string>;
}

/** Writes a plugin into a folder, and gives the folder. */
export async function writePlugin(root: string, plugin: FixturePlugin): Promise<string> {
  const {
    name,
    version = '1.0.0',
    instructor,
    files = { 'index.js': 'throw new Error("not to be loaded");' },
  } = plugin;
  const packageJson = { name, version, type: 'module', oclif: {}, instructor };
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'package.json'), JSON.stringify(packageJson));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

/** Makes plugins known to the program as `plugins link` and `plugins install` would, in the folder `data` of a home. */
export async function registerPlugins(
  home: string,
  plugins: readonly { name: string; root?: string }[],
): Promise<void> {
  const known = plugins.map(({ name, root }) =>
    root === undefined ? { name, tag: 'latest', type: 'user' } : { name, root, type: 'link' },
  );
  await mkdir(join(home, 'data'), { recursive: true });
  const dependencies = Object.fromEntries(
    plugins.filter(({ root }) => root === undefined).map(({ name }) => [name, '*']),
  );
  await writeFile(
    join(home, 'data/package.json'),
    JSON.stringify({ private: true, dependencies, oclif: { schema: 1, plugins: known } }),
  );
}
