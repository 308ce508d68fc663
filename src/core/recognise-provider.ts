import { chooseProvider } from '../registry/choose-provider.js';
import type { ProviderEntry, ProviderRegistry } from '../registry/provider-registry.js';
import { readFileBlocks } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';
import { hasRequestKeys } from './request-keys.js';

export interface RecognisedProvider {
  entry: ProviderEntry;
  /** What the user should know where the file alone does not decide. */
  note?: string;
}

/** Whose request file this is, by the keys of its first request. Where that leaves a choice, the default decides. */
export async function recogniseProvider(
  registry: ProviderRegistry,
  file: { path: string; name: string; configured?: string; signal?: AbortSignal },
): Promise<RecognisedProvider> {
  const { name, configured } = file;
  const request = await firstRequest(file);
  const owners = registry.entries.filter(({ declaration }) => hasRequestKeys(request, declaration));
  const [only] = owners;
  if (only && owners.length === 1) return { entry: only };
  const { entry: fallback } = chooseProvider(registry, { configured });
  if (!only) {
    const taken = `it is taken for one of ${fallback.declaration.name}`;
    return {
      entry: fallback,
      note: `The first line of ${name} does not tell whose request file it is: ${taken}. --provider says otherwise`,
    };
  }
  const entry = owners.includes(fallback) ? fallback : only;
  const names = owners.map(({ declaration }) => declaration.name).join(', ');
  return {
    entry,
    note: `${name} has the form of several providers (${names}): it is taken for one of ${entry.declaration.name}. --provider says otherwise`,
  };
}

/** The first line that is no blank one, or nothing if it cannot be read. */
async function firstRequest(file: { path: string; name: string; signal?: AbortSignal }): Promise<unknown> {
  for await (const { lines } of readLines(readFileBlocks(file.path, { signal: file.signal }), file.name)) {
    const line = lines.find((text) => text.trim() !== '');
    if (line === undefined) continue;
    try {
      return JSON.parse(line) as unknown;
    } catch {
      // Whoever checks the file says what is wrong with the line.
      return undefined;
    }
  }
  return undefined;
}
