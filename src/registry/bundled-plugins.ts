import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { PluginSource } from './plugin-source.js';

interface PackageJson {
  name: string;
  version: string;
  instructor?: unknown;
  oclif?: { plugins?: string[] };
}

/** The provider plugins that come with this package, for programs that use it as a library. */
export function bundledPlugins(): PluginSource[] {
  const require = createRequire(import.meta.url);
  const host = readPackage(require.resolve('instructor-cli/package.json'));
  return (host.oclif?.plugins ?? []).flatMap((name) => pluginPackage(name, require, 'bundled'));
}

/** A plugin found by its package name from a program's own folder. */
export function pluginFrom(folder: string, name: string): PluginSource[] {
  return pluginPackage(name, createRequire(`${folder}/package.json`), 'installed');
}

function pluginPackage(
  name: string,
  require: NodeJS.Require,
  origin: PluginSource['origin'],
): PluginSource[] {
  const path = require.resolve(`${name}/package.json`);
  const { version, instructor } = readPackage(path);
  return instructor === undefined
    ? []
    : [{ name, version, root: dirname(path), origin, declared: instructor }];
}

function readPackage(path: string): PackageJson {
  return JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
}
