import type { BatchProvider, ProviderOptions } from '@instructor-cli/provider-kit';
import { providerOptions } from '../../../provider-kit/test/support/provider-options.js';
import { createProvider } from '../../src/index.js';

export const HOST = 'https://api.anthropic.com';
export const PATH = '/v1/messages/batches';

/** The provider as the host would make it, with a key that is none. */
export function anthropic(options: Partial<ProviderOptions> = {}): BatchProvider {
  return createProvider(providerOptions('anthropic', options));
}

export function batchObject(id: string, fields: object = {}): Record<string, unknown> {
  return {
    id,
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: new Date().toISOString(),
    expires_at: '2026-11-24T00:00:00.000000+00:00',
    ended_at: null,
    cancel_initiated_at: null,
    archived_at: null,
    results_url: null,
    ...fields,
  };
}

/** The body of a failure, as the service writes it. */
export function errorBody(type: string, message: string, details?: object): Record<string, unknown> {
  return { type: 'error', error: { type, message, details }, request_id: 'req_body' };
}

/** No test waits for a second try. */
export const AT_ONCE = { 'retry-after-ms': '1', 'content-type': 'application/json' };
