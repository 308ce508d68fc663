import type { SandboxedProvider } from '../environment.js';

/**
 * The environment of a command that talks to the sandbox. Further keys of the same providers are left out: a client
 * that prefers one of them would send a real key to the sandbox and be refused.
 */
export function childEnvironment(
  current: NodeJS.ProcessEnv,
  sandbox: Record<string, string>,
  providers: readonly SandboxedProvider[],
): NodeJS.ProcessEnv {
  const environment = { ...current };
  for (const { baseUrlEnv, credentials } of providers) {
    if (baseUrlEnv === undefined || !(baseUrlEnv in sandbox)) continue;
    for (const name of credentials) delete environment[name];
  }
  return { ...environment, ...sandbox };
}
