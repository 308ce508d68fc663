import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  BatchProvider,
  ModelRule,
  ProviderFactory,
  ProviderOptions,
} from '@instructor-cli/provider-kit';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderEntry } from './provider-registry.js';

export type LoadOptions = Omit<ProviderOptions, 'declaration' | 'models'>;

/** Runs a provider's factory. This is the first moment at which code of its plugin is executed. */
export async function loadProvider(entry: ProviderEntry, options: LoadOptions): Promise<BatchProvider> {
  const { declaration, plugin } = entry;
  const models = readModelRules(options.env['INSTRUCTOR_MODELS_FILE'], declaration.id);
  try {
    const module = (await import(pathToFileURL(join(plugin.root, declaration.module)).href)) as {
      default?: unknown;
      createProvider?: unknown;
    };
    const factory = module.createProvider ?? module.default;
    if (typeof factory !== 'function') throw new Error('it exports no function createProvider');
    return (factory as ProviderFactory)({ ...options, declaration, models });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new InstructorError(
      'failed',
      `The plugin ${plugin.name} of provider "${declaration.id}" does not work: ${reason}`,
      {
        hint: `Look for a newer version of it, or remove it: instructor plugins uninstall ${plugin.name}`,
        cause: error,
      },
    );
  }
}

/** The user's own rules about models: `{"openai": [{"match": "^my-model", …}]}`. */
function readModelRules(path: string | undefined, providerId: string): ModelRule[] | undefined {
  if (!path) return undefined;
  try {
    const rules = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, ModelRule[] | undefined>)[
      providerId
    ];
    if (rules !== undefined && !Array.isArray(rules)) throw new Error(`"${providerId}" is no list of rules`);
    for (const rule of rules ?? []) {
      const match = (rule as Partial<ModelRule> | null)?.match;
      if (typeof match !== 'string') throw new Error(`a rule of "${providerId}" has no "match"`);
      new RegExp(match);
    }
    return rules;
  } catch (error) {
    const described = describeFileError(error, 'read', `INSTRUCTOR_MODELS_FILE ${path}`);
    if (described !== error) throw described;
    throw new InstructorError(
      'usage',
      `INSTRUCTOR_MODELS_FILE: ${path} cannot be used: ${(error as Error).message}`,
      {
        hint: 'It holds {"PROVIDER": [{"match": "REGULAR EXPRESSION", …}]}',
        cause: error,
      },
    );
  }
}

/** Refuses to go on if a provider needs a key and none is set. Looks at names only. */
export function requireCredentials(entry: ProviderEntry, env: Record<string, string | undefined>): void {
  const { name, credentials } = entry.declaration;
  if (credentials.length === 0 || credentials.some((variable) => env[variable])) return;
  throw new InstructorError(
    'credentials',
    `There is no key for ${name}: ${credentials.join(' or ')} is not set`,
    {
      hint: `Set it in the environment, or name a file that holds it: --dotenv .env`,
    },
  );
}
