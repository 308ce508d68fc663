import type { Fault, Sandbox } from '../../src/index.js';
import { call } from './anthropic.js';
import { openSandbox, type Json } from './sandbox.js';

export const OPENAI = { path: '/v1/batches', headers: { authorization: 'Bearer sandbox-key' } };

export const withFaults = (...faults: Fault[]): Promise<Sandbox> => openSandbox({ faults });

/** What a client sees of a call: its status, headers and text, or `broken` if the connection went. */
export async function look(sandbox: Sandbox, path: string, init: RequestInit = {}) {
  try {
    const response = await call(sandbox, path, {
      ...init,
      headers: { ...OPENAI.headers, ...(init.headers as object) },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    return { status: 'broken', headers: new Headers(), text: '' };
  }
}

export const createOpenAi = (sandbox: Sandbox, file: string, metadata?: Record<string, string>) =>
  look(sandbox, '/v1/batches', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      input_file_id: file,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata,
    }),
  });

export const createAnthropic = (sandbox: Sandbox, requests: Json[]) =>
  look(sandbox, '/v1/messages/batches', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requests }),
  });
