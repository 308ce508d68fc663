import { readFileSync } from 'node:fs';
import type { ProviderDeclaration, ProviderOptions } from '@instructor-cli/provider-kit';

/** What the host would hand to a factory: the declaration of the plugin, and an environment of its own. */
export function providerOptions(
  plugin: 'openai' | 'anthropic',
  options: Partial<ProviderOptions> = {},
): ProviderOptions {
  const file = new URL(`../../../${plugin}/package.json`, import.meta.url);
  const { instructor } = JSON.parse(readFileSync(file, 'utf8')) as {
    instructor: { providers: ProviderDeclaration[] };
  };
  const [declaration] = instructor.providers;
  if (!declaration) throw new Error(`${plugin} declares nothing`);
  return { declaration, env: { [declaration.credentials[0]!]: TEST_KEY }, ...options };
}

export const TEST_KEY = 'sk-test-0123456789';
