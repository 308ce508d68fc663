// @ts-check
import { readBaseUrl, readKey } from '@instructor-cli/provider-kit/wire';

const BASE_URL = 'https://api.acme.example/v1';
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * @typedef {object} Call
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {RequestInit['body']} [body]
 * @property {AbortSignal} [signal]
 * @property {boolean} [endless] For bodies of any size: they take as long as they take.
 */

/** @typedef {ReturnType<typeof connect>} Client */

/**
 * What an SDK would be: it makes one attempt per call and throws what went wrong. `createSdkCaller` turns that into
 * a `ProviderError`, and repeats what may be repeated. Providers that have an SDK import it here.
 *
 * @param {import('@instructor-cli/provider-kit').ProviderOptions} options
 */
export function connect(options) {
  const { userAgent, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { key } = readKey(options);
  const baseUrl = readBaseUrl(options, BASE_URL).replace(/\/+$/, '');

  /**
   * @param {string} path
   * @param {Call} [call]
   */
  async function send(path, { signal, headers, endless, ...call } = {}) {
    const signals = [...(signal ? [signal] : []), ...(endless ? [] : [AbortSignal.timeout(timeoutMs)])];
    const answer = await fetch(`${baseUrl}${path}`, {
      ...call,
      headers: {
        authorization: `Bearer ${key}`,
        ...(userAgent ? { 'user-agent': userAgent } : {}),
        ...headers,
      },
      signal: AbortSignal.any(signals),
      // Node asks for this where the body is a stream.
      ...{ duplex: 'half' },
    });
    if (answer.ok) return answer;
    const { status, headers: answered } = answer;
    throw Object.assign(new Error(`status ${status}`), {
      status,
      headers: answered,
      error: parsed(await answer.text()),
    });
  }

  /**
   * @param {string} path
   * @param {Call} [call]
   * @returns {Promise<unknown>}
   */
  async function json(path, call) {
    const answer = await send(path, call);
    return answer.json();
  }

  return { send, json };
}

/** @param {string} text */
function parsed(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return text;
  }
}
