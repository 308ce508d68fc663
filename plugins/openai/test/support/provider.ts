import type { BatchProvider, ProviderOptions } from '@instructor-cli/provider-kit';
import { providerOptions } from '../../../provider-kit/test/support/provider-options.js';
import { createProvider } from '../../src/index.js';

export const HOST = 'https://api.openai.com';

/** The provider as the host would make it, with a key that is none. */
export function openai(options: Partial<ProviderOptions> = {}): BatchProvider {
  return createProvider(providerOptions('openai', options));
}

export function batchObject(id: string, fields: object = {}): Record<string, unknown> {
  return {
    id,
    object: 'batch',
    endpoint: '/v1/chat/completions',
    status: 'validating',
    created_at: 1711471064,
    ...fields,
  };
}

/** No test waits for a second try. */
export const AT_ONCE = { 'retry-after-ms': '1', 'content-type': 'application/json' };
