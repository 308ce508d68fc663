import type { Interfaces } from '@oclif/core';
import type { SandboxedProvider } from '../environment.js';
import { isObject } from '../objects.js';

/**
 * The providers that the installed plugins declare. Only what the sandbox needs is looked at: whether a declaration
 * is sound in every other respect is for the host to judge.
 */
export function installedProviders(config: Interfaces.Config): SandboxedProvider[] {
  return config.getPluginsList().flatMap((plugin) => {
    const declared = (plugin.pjson as { instructor?: unknown }).instructor;
    const providers = isObject(declared) && Array.isArray(declared.providers) ? declared.providers : [];
    return providers.flatMap(readProvider);
  });
}

function readProvider(value: unknown): SandboxedProvider[] {
  if (!isObject(value) || typeof value.protocol !== 'string') return [];
  const credentials = Array.isArray(value.credentials) ? value.credentials : [];
  return [
    {
      protocol: value.protocol,
      credentials: credentials.filter((name) => typeof name === 'string'),
      baseUrlEnv: typeof value.baseUrlEnv === 'string' ? value.baseUrlEnv : undefined,
    },
  ];
}
