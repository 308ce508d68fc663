import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION, type ProviderDeclaration } from '@instructor-cli/provider-kit';
import { readDeclaration } from '@instructor-cli/provider-kit/declaration';
import { InstructorError } from '../failure/instructor-error.js';
import type { PluginSource } from './plugin-source.js';

export { CONTRACT_VERSION };

/** A provider that can be used: what it declares, and the plugin it comes from. */
export interface ProviderEntry {
  declaration: ProviderDeclaration;
  plugin: PluginSource;
}

/** All providers that are installed, known from their declarations alone. */
export class ProviderRegistry {
  readonly entries: readonly ProviderEntry[];
  /** One sentence for each plugin, or part of one, that had to be left out. */
  readonly warnings: readonly string[];

  constructor(plugins: readonly PluginSource[]) {
    const warnings: string[] = [];
    const claims = new Map<string, ProviderEntry[]>();
    for (const plugin of plugins) {
      if (plugin.declared === undefined) continue;
      const { providers, problems } = readDeclaration(plugin.declared);
      let usable = 0;
      for (const declaration of providers) {
        if (existsSync(join(plugin.root, declaration.module))) {
          claims.set(declaration.id, [...(claims.get(declaration.id) ?? []), { declaration, plugin }]);
          usable += 1;
        } else {
          problems.push(`provider "${declaration.id}": its module ${declaration.module} does not exist`);
        }
      }
      const what = usable > 0 ? 'A part of plugin' : 'Plugin';
      if (problems.length > 0) warnings.push(`${what} ${plugin.name} is left out: ${problems.join('; ')}`);
    }
    this.entries = [...claims.values()]
      .flatMap((claimants) => settleClaim(claimants, warnings))
      .sort((a, b) => (a.declaration.id < b.declaration.id ? -1 : 1));
    this.warnings = warnings;
  }

  get ids(): string[] {
    return this.entries.map(({ declaration }) => declaration.id);
  }

  find(id: string): ProviderEntry | undefined {
    return this.entries.find(({ declaration }) => declaration.id === id);
  }

  /** Like `find`, but explains what to do if there is none. */
  get(id: string): ProviderEntry {
    const entry = this.find(id);
    if (entry) return entry;
    throw new InstructorError('usage', `There is no provider "${id}"`, {
      hint: `Installed: ${this.ids.join(', ') || 'none'}. Others come with: instructor plugins install NAME`,
    });
  }
}

/**
 * Two plugins may claim one id. Plugins load in no certain order, so order decides nothing: a plugin that comes
 * with the host keeps its id, also if a newer copy of it was installed, and among others none gets it.
 */
function settleClaim(claimants: ProviderEntry[], warnings: string[]): ProviderEntry[] {
  if (claimants.length < 2) return claimants;
  const id = claimants[0]?.declaration.id;
  const official = claimants.filter(({ plugin }) => plugin.official ?? plugin.origin === 'bundled');
  const winner = official.length === 1 ? official[0] : undefined;
  const losers = claimants.filter((claimant) => claimant !== winner).map(({ plugin }) => plugin.name);
  warnings.push(
    winner
      ? `Plugin ${losers.join(' and ')} is left out: the provider id "${id}" belongs to ${winner.plugin.name}`
      : `Plugins ${losers.join(' and ')} are left out: both claim the provider id "${id}"; uninstall one of them`,
  );
  return winner ? [winner] : [];
}
