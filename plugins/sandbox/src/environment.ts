import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { SandboxProtocol } from './options.js';

/** What has to be known of a provider to send it to the sandbox. */
export type SandboxedProvider = Pick<ProviderDeclaration, 'protocol' | 'credentials' | 'baseUrlEnv'>;

/** Where each protocol is spoken. */
export type BaseUrls = Record<SandboxProtocol, string>;

/** Variables that send every provider whose protocol the sandbox speaks to it, with a key that it takes. */
export function environmentFor(
  declarations: readonly SandboxedProvider[],
  baseUrls: BaseUrls,
  key: string,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { protocol, credentials, baseUrlEnv } of declarations) {
    if (protocol !== 'openai' && protocol !== 'anthropic') continue;
    // A provider that cannot be moved would send the sandbox key to the real service.
    if (baseUrlEnv === undefined) continue;
    environment[baseUrlEnv] = baseUrls[protocol];
    const [credential] = credentials;
    if (credential !== undefined) environment[credential] = key;
  }
  return environment;
}
