import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { providerDeclarationSchema, pluginDeclarationSchema } from './declaration-schema.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { readPrices } from '../declaration/read-prices.js';
import { ensure, fail, isRecord, succeeds } from './ensure.js';
import type { PluginUnderTest } from './plugin-under-test.js';

/** What can be told from the package alone. */
export function packageChecks({ root, packageJson, providers }: PluginUnderTest): ConformanceCheck[] {
  const read = (): Record<string, unknown> => packageJson ?? fail(`${root} has no readable package.json`);
  return [
    {
      name: 'package.json declares providers as the contract says',
      run: async () => declarationIsSound(read()),
    },
    {
      name: 'the declaration has no keys that mean nothing',
      run: async () => everyKeyIsKnown(read()),
    },
    {
      name: 'it is a plugin for oclif, without commands',
      run: async () => isBarePlugin(root, read()),
    },
    {
      name: 'it does not depend on @oclif/core or on the host',
      run: async () => {
        for (const key of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
          for (const name of ['@oclif/core', 'instructor-cli']) {
            ensure(!(name in recordAt(read(), key)), `${key} has ${name}: a provider needs the kit alone`);
          }
        }
      },
    },
    {
      name: 'its package.json can be found from outside',
      run: async () => {
        const { exports } = read();
        const open = exports === undefined || (isRecord(exports) && './package.json' in exports);
        ensure(open, 'exports must have "./package.json": "./package.json", or the plugin is not found');
      },
    },
    {
      name: 'the modules lie inside the plugin and are published with it',
      run: async () => {
        for (const { module } of providers) isPublished(root, module, read()['files']);
      },
    },
    {
      name: 'the prices are in order and are published with it',
      run: async () => {
        for (const { prices } of providers) {
          if (prices === undefined) continue;
          isPublished(root, prices, read()['files']);
          const listed = JSON.parse(readFileSync(join(root, prices), 'utf8')) as unknown;
          succeeds(prices, () => readPrices(listed));
        }
      },
    },
  ];
}

function declarationIsSound(packageJson: Record<string, unknown>): void {
  const { success, error } = pluginDeclarationSchema.safeParse(packageJson['instructor']);
  if (success) return;
  const problems = error.issues.map(
    ({ path, message }) => `${['instructor', ...path].join('.')}: ${message}`,
  );
  fail(problems.join('; '));
}

/** The host looks over unknown keys, since later contracts may have more. A misspelt one is found here. */
function everyKeyIsKnown(packageJson: Record<string, unknown>): void {
  const { shape } = providerDeclarationSchema;
  const known = {
    '': Object.keys(shape),
    capabilities: Object.keys(shape.capabilities.shape),
    limits: Object.keys(shape.limits.shape),
  };
  const declared = recordAt(packageJson, 'instructor')['providers'];
  for (const [index, provider] of (Array.isArray(declared) ? declared : []).entries()) {
    if (!isRecord(provider)) continue;
    for (const [group, keys] of Object.entries(known)) {
      const holder = group === '' ? provider : recordAt(provider, group);
      const unknown = Object.keys(holder).find((key) => !keys.includes(key));
      const at = ['providers', index, ...(group === '' ? [] : [group])].join('.');
      ensure(unknown === undefined, `instructor.${at} has the key "${unknown}", which means nothing`);
    }
  }
}

function isBarePlugin(root: string, packageJson: Record<string, unknown>): void {
  const { oclif } = packageJson;
  ensure(isRecord(oclif), 'package.json needs "oclif": {}, or it cannot be installed as a plugin');
  ensure(oclif['commands'] === undefined, 'oclif.commands: a provider plugin has no commands');
  const manifest = join(root, 'oclif.manifest.json');
  if (!existsSync(manifest)) return;
  const { commands } = JSON.parse(readFileSync(manifest, 'utf8')) as { commands?: object };
  ensure(Object.keys(commands ?? {}).length === 0, 'oclif.manifest.json lists commands');
}

function isPublished(root: string, file: string, files: unknown): void {
  const path = join(root, file);
  ensure(
    existsSync(path),
    `${file} does not exist${file.includes('dist') ? ': build the plugin first' : ''}`,
  );
  const inside = relative(realpathSync(root), realpathSync(path));
  ensure(!inside.startsWith(`..${sep}`), `${file} is a link that leads out of the plugin`);
  if (!Array.isArray(files)) return;
  const entries = files.map((entry) =>
    String(entry)
      .replace(/^\.?\//, '')
      .replace(/\/$/, ''),
  );
  // Patterns are npm's affair.
  if (entries.some((entry) => /[*?{]/.test(entry) && !entry.startsWith('!'))) return;
  const own = file.slice(2);
  ensure(
    entries.some((entry) => own === entry || own.startsWith(`${entry}/`)),
    `"files" leaves out ${file}: the published plugin would not work`,
  );
}

function recordAt(value: Record<string, unknown>, key: string): Record<string, unknown> {
  return isRecord(value[key]) ? value[key] : {};
}
