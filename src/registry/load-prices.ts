import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PriceList } from '@instructor-cli/provider-kit';
import { readModelPrices, readPrices } from '@instructor-cli/provider-kit/declaration';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderEntry } from './provider-registry.js';

const VARIABLE = 'INSTRUCTOR_PRICES_FILE';

/**
 * The prices of a provider: those of its plugin, after those that the user gives in a file of their own, such as
 * `{"openai": {"models": [{"match": "^my-model", "input": 1, "output": 2}]}}`. What else the user's list says, such as
 * another discount, counts for all models. Undefined: nobody knows them.
 */
export async function loadPrices(
  entry: ProviderEntry,
  env: Record<string, string | undefined>,
): Promise<PriceList | undefined> {
  const shipped = await readShipped(entry);
  const path = env[VARIABLE];
  return path ? await readOwn(path, entry.declaration.id, shipped) : shipped;
}

async function readShipped({ declaration, plugin }: ProviderEntry): Promise<PriceList | undefined> {
  if (declaration.prices === undefined) return undefined;
  try {
    return readPrices(JSON.parse(await readFile(join(plugin.root, declaration.prices), 'utf8')));
  } catch (error) {
    throw new InstructorError(
      'failed',
      `The prices of provider "${declaration.id}" cannot be used: ${declaration.prices} of the plugin ${plugin.name}: ${(error as Error).message}`,
      {
        hint: `Look for a newer version of it, or remove it: instructor plugins uninstall ${plugin.name}`,
        cause: error,
      },
    );
  }
}

async function readOwn(
  path: string,
  id: string,
  shipped: PriceList | undefined,
): Promise<PriceList | undefined> {
  try {
    const lists = JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (!isRecord(lists)) throw new Error('it must be an object');
    const own = Object.hasOwn(lists, id) ? lists[id] : undefined;
    if (own === undefined) return shipped;
    if (!isRecord(own)) throw new Error(`"${id}" must be an object`);
    return withOwn(own, shipped ?? (await bareList(path)), id);
  } catch (error) {
    const described = describeFileError(error, 'read', `${VARIABLE} ${path}`);
    if (described !== error) throw described;
    throw new InstructorError('usage', `${VARIABLE}: ${path} cannot be used: ${(error as Error).message}`, {
      hint: 'It holds {"PROVIDER": {"models": [{"match": "REGULAR EXPRESSION", "input": 1, "output": 2}]}}, in US dollars per million tokens',
      cause: error,
    });
  }
}

function withOwn(own: Record<string, unknown>, base: PriceList, id: string): PriceList {
  try {
    const models = [...readModelPrices(own['models'] ?? []), ...base.models];
    return readPrices({ ...base, ...own, models });
  } catch (error) {
    throw new Error(`"${id}": ${(error as Error).message}`, { cause: error });
  }
}

/** What the user's models are put into where the plugin has no prices: nothing is known of a discount. */
async function bareList(path: string): Promise<PriceList> {
  const date = (await stat(path)).mtime.toISOString().slice(0, 10);
  return { date, source: path, batchFactor: 1, batchFactorOnCached: true, models: [] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
