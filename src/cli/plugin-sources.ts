import type { Config } from '@oclif/core/config';
import type { PluginSource } from '../registry/plugin-source.js';

const ORIGINS: Record<string, PluginSource['origin']> = { user: 'installed', link: 'linked' };

/** The installed plugins with their declarations, which oclif has read already. */
export function pluginSources(config: Pick<Config, 'getPluginsList' | 'pjson'>): PluginSource[] {
  const official = new Set(config.pjson.oclif.plugins);
  return config.getPluginsList().map(({ name, version, root, type, pjson }) => ({
    name,
    version,
    root,
    official: official.has(name),
    origin: ORIGINS[type] ?? 'bundled',
    declared: (pjson as { instructor?: unknown }).instructor,
  }));
}
