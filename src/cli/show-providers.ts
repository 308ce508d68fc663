import type { Config } from '@oclif/core/config';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { pluginSources } from './plugin-sources.js';

/** Words on the command line after which flags are described or completed. */
const DESCRIBING = new Set([
  '--help',
  '-h',
  'help',
  'autocomplete',
  'autocomplete:create',
  'plugins',
  'plugins:install',
]);

/**
 * Puts the installed providers into the help and the completion of `--provider`. The manifest cannot hold them,
 * since it is written before anybody installs a plugin.
 */
export function showProviders(config: Config, argv: readonly string[]): void {
  if (argv.length > 0 && !argv.some((word) => DESCRIBING.has(word))) return;
  const { ids } = new ProviderRegistry(pluginSources(config));
  for (const { flags } of config.commands) {
    const flag = flags['provider'];
    if (flag?.type === 'option') flag.options = ids;
  }
}
