import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderEntry, ProviderRegistry } from './provider-registry.js';

/** Reads `provider/model` where both have to be named. */
export function chooseTarget(
  registry: ProviderRegistry,
  text: string,
  flag: string,
): { entry: ProviderEntry; model: string } {
  const slash = text.indexOf('/');
  const entry = registry.get(slash === -1 ? text : text.slice(0, slash));
  const model = slash === -1 ? '' : text.slice(slash + 1);
  if (model !== '') return { entry, model };
  const { id, defaultModel = 'MODEL' } = entry.declaration;
  throw new InstructorError('usage', `--${flag} ${text} names no model`, {
    hint: `Write it as provider/model, such as --${flag} ${id}/${defaultModel}`,
  });
}
