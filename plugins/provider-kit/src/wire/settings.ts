import { ProviderError } from '../contract/errors.js';
import type { ProviderOptions } from '../contract/provider.js';

type Settings = Pick<ProviderOptions, 'declaration' | 'env'>;

/**
 * The key to use, from the first of the declared variables that holds one. A key that cannot travel in a header is
 * refused here: the runtime would refuse it too, with a message that repeats it.
 */
export function readKey({ declaration, env }: Settings): { variable: string; key: string } {
  for (const variable of declaration.credentials) {
    const key = env[variable]?.trim();
    if (!key) continue;
    if (/^[\x21-\x7e]+$/.test(key)) return { variable, key };
    throw new ProviderError('authentication', `The key in ${variable} has characters that no key can have`, {
      hint: 'Copy it again: a space, a line break or a typographic character has slipped in',
    });
  }
  throw new ProviderError('authentication', `There is no key for ${declaration.name}`, {
    hint: `Set ${declaration.credentials.join(' or ') || 'its key in the environment'}`,
  });
}

/** The address of the service: the one the user chose, else the provider's own. */
export function readBaseUrl({ declaration, env }: Settings, ownUrl: string): string {
  const variable = declaration.baseUrlEnv;
  const chosen = variable === undefined ? undefined : env[variable]?.trim();
  if (!chosen) return ownUrl;
  if (!URL.canParse(chosen) || !/^https?:$/.test(new URL(chosen).protocol)) {
    throw new ProviderError('invalid_request', `${variable} is not the address of a service`, {
      hint: `Set it to something like ${ownUrl}, or remove it`,
    });
  }
  const { username, password } = new URL(chosen);
  if (username === '' && password === '') return chosen;
  throw new ProviderError('invalid_request', `${variable} must not hold a user name or password`, {
    hint: 'Leave out what stands before the @',
  });
}
