import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginDeclaration, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { ROOT } from '../../support/run-instructor.js';

/** What a bundled provider declares. */
export function declarationOf(plugin: 'openai' | 'anthropic'): ProviderDeclaration {
  const text = readFileSync(join(ROOT, 'plugins', plugin, 'package.json'), 'utf8');
  const [declaration] = (JSON.parse(text) as { instructor: PluginDeclaration }).instructor.providers;
  if (!declaration) throw new Error(`${plugin} declares no provider`);
  return declaration;
}
