import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnv, ROOT } from './run-instructor.js';

const run = promisify(execFile);

/** The npm that plugin-plugins brings along, so that all tests use the same one. */
export const NPM = join(ROOT, 'node_modules/npm/bin/npm-cli.js');

/** Settings under which npm knows neither the user, nor what was installed before, nor any other registry. */
export function npmEnv(home: string, registry: string): Record<string, string> {
  return {
    npm_config_registry: registry,
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_userconfig: join(home, 'npmrc'),
    npm_config_globalconfig: join(home, 'global-npmrc'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

/** Runs npm to its end; throws with what it said if it fails. */
export async function runNpm(
  args: string[],
  options: { home: string; registry: string; cwd: string },
): Promise<string> {
  const { home, registry, cwd } = options;
  const { stdout } = await run(process.execPath, [NPM, ...args], {
    cwd,
    env: { ...cleanEnv(home), ...npmEnv(home, registry) },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** What `npm pack` made of a package. */
export interface Packed {
  name: string;
  version: string;
  /** The tarball. */
  path: string;
  /** What is in it, relative to the package. */
  files: string[];
}

/** Packs packages as they would be published. */
export async function packAll(folders: readonly string[], into: string): Promise<Packed[]> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
  // Nothing is fetched for this; an address where nobody answers would show it.
  const stdout = await runNpm([...args, ...folders], {
    home: into,
    registry: 'http://127.0.0.1:9',
    cwd: ROOT,
  });
  const packed = JSON.parse(stdout) as {
    name: string;
    version: string;
    filename: string;
    files: { path: string }[];
  }[];
  return packed.map(({ name, version, filename, files }) => ({
    name,
    version,
    path: join(into, filename),
    files: files.map(({ path }) => path),
  }));
}
