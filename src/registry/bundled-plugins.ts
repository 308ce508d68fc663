import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InstructorError } from '../failure/instructor-error.js';
import type { PluginSource } from './plugin-source.js';

interface PackageJson {
  version: string;
  instructor?: unknown;
  oclif?: { plugins?: string[] };
}

/** The provider plugins that come with this package, for programs that use it as a library. */
export function bundledPlugins(): PluginSource[] {
  const require = createRequire(import.meta.url);
  const { oclif } = readPackage(require.resolve('instructor-cli/package.json'));
  return (oclif?.plugins ?? []).flatMap((name) => {
    const plugin = findPlugin(name, require, 'bundled');
    return plugin?.declared === undefined ? [] : [plugin];
  });
}

/** A plugin found by its package name from a program's own folder. */
export function pluginFrom(folder: string, name: string): PluginSource {
  const plugin = findPlugin(name, createRequire(join(folder, 'package.json')), 'installed');
  if (plugin) return plugin;
  throw new InstructorError('usage', `The plugin ${name} cannot be found from ${folder}`, {
    hint: `Install it there: npm install ${name}`,
  });
}

/** Looks into the folders where packages lie: asking for `NAME/package.json` fails where a package does not export it. */
function findPlugin(
  name: string,
  require: NodeJS.Require,
  origin: PluginSource['origin'],
): PluginSource | undefined {
  const path = (require.resolve.paths(name) ?? [])
    .map((folder) => join(folder, name, 'package.json'))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const { version, instructor } = readPackage(path);
  return { name, version, root: dirname(realpathSync(path)), origin, declared: instructor };
}

function readPackage(path: string): PackageJson {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
}
