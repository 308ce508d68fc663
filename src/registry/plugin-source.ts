/** A plugin as far as the registry is concerned: where it lies, and what its package.json says. Nothing of it has been run. */
export interface PluginSource {
  name: string;
  version: string;
  /** Its folder. */
  root: string;
  /** It has the package name of a plugin that comes with the host, wherever this copy was installed from. */
  official?: boolean;
  /** How it came here. */
  origin: 'bundled' | 'installed' | 'linked';
  /** The `instructor` key of its package.json. */
  declared: unknown;
}
