import type { Config } from '@oclif/core';
import type { PluginSource } from '../registry/plugin-source.js';

const ORIGINS: Record<string, PluginSource['origin']> = { user: 'installed', link: 'linked' };

/** The installed plugins with their declarations, which oclif has read already. */
export function pluginSources(config: Pick<Config, 'getPluginsList'>): PluginSource[] {
  return config.getPluginsList().map(({ name, version, root, type, pjson }) => ({
    name,
    version,
    root,
    origin: ORIGINS[type] ?? 'bundled',
    declared: (pjson as { instructor?: unknown }).instructor,
  }));
}
