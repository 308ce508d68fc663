import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderEntry, ProviderRegistry } from './provider-registry.js';

const FALLBACK = 'openai';

/** Everything that can say which provider is meant, in the order in which it counts. */
export interface ProviderHints {
  /** `--provider`. */
  provider?: string;
  /** `--model`, only if the user wrote it. */
  model?: string;
  batchId?: string;
  /** What the user configured for when nothing else tells. */
  configured?: string;
}

export interface ProviderChoice {
  entry: ProviderEntry;
  /** The model without its prefix; absent if none was named. */
  model?: string;
}

/** Decides which provider is meant, and refuses when two hints disagree. */
export function chooseProvider(registry: ProviderRegistry, hints: ProviderHints): ProviderChoice {
  const { prefix, model } = splitModel(registry, hints);
  const explicit = hints.provider ?? prefix;
  if (hints.provider !== undefined && prefix !== undefined && hints.provider !== prefix) {
    throw conflict(
      `--provider ${hints.provider}`,
      `--model ${hints.model}`,
      `Leave --provider out; or, if the slash belongs to the model's name: --model ${hints.provider}/${hints.model}`,
    );
  }
  const owners = hints.batchId === undefined ? [] : ownersOf(registry, hints.batchId);
  if (explicit !== undefined) {
    const entry = registry.get(explicit);
    // A provider that does not say what its ids look like may well use the form of another.
    const { batchIdPattern } = entry.declaration;
    if (batchIdPattern !== undefined && owners.length > 0 && !owners.includes(entry)) {
      const said = hints.provider === undefined ? `--model ${hints.model}` : `--provider ${hints.provider}`;
      const names = owners.map(({ declaration }) => declaration.name).join(' or ');
      throw conflict(said, `the batch id ${hints.batchId}, which is one of ${names}`);
    }
    return { entry, model };
  }
  const fallback = hints.configured ?? FALLBACK;
  if (owners.length > 0) {
    const entry =
      owners.length === 1 ? owners[0] : owners.find(({ declaration }) => declaration.id === fallback);
    if (entry) return { entry, model };
    throw new InstructorError('usage', `The batch id ${hints.batchId} could be one of several providers`, {
      hint: `Say which: --provider ${owners.map(({ declaration }) => declaration.id).join(' or --provider ')}`,
    });
  }
  if (hints.configured !== undefined && !registry.find(hints.configured)) {
    throw new InstructorError(
      'usage',
      `INSTRUCTOR_PROVIDER names "${hints.configured}", which is not installed`,
      {
        hint: `Installed: ${registry.ids.join(', ')}`,
      },
    );
  }
  return { entry: registry.get(fallback), model };
}

/** Splits `provider/model`. Model names may hold slashes themselves, so only a known provider counts as a prefix. */
function splitModel(registry: ProviderRegistry, hints: ProviderHints): { prefix?: string; model?: string } {
  const { model, provider } = hints;
  if (model === undefined) return {};
  const slash = model.indexOf('/');
  const prefix = model.slice(0, Math.max(0, slash));
  if (registry.find(prefix)) {
    const rest = model.slice(slash + 1);
    if (rest === '')
      throw new InstructorError('usage', `--model ${model} names no model`, {
        hint: 'Write it as provider/model',
      });
    return { prefix, model: rest };
  }
  if (model === '')
    throw new InstructorError('usage', '--model is empty', { hint: 'Write it as provider/model' });
  // With a provider given, the slash may well belong to the model's own name.
  if (slash !== -1 && provider === undefined) registry.get(prefix);
  return { model };
}

function ownersOf(registry: ProviderRegistry, batchId: string): ProviderEntry[] {
  return registry.entries.filter(({ declaration }) => {
    const { batchIdPattern } = declaration;
    return batchIdPattern !== undefined && new RegExp(batchIdPattern).test(batchId);
  });
}

function conflict(one: string, other: string, hint = 'Leave one of them out'): InstructorError {
  return new InstructorError('usage', `${one} contradicts ${other}`, { hint });
}
