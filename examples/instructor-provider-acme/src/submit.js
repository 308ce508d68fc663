// @ts-check
import { isProviderError, ProviderError } from '@instructor-cli/provider-kit';
import { readOpenAIBatch } from '@instructor-cli/provider-kit/openai-format';
import { asRecord, asText, multipartForm, neverSent, sendSource } from '@instructor-cli/provider-kit/wire';

/** @typedef {import('@instructor-cli/provider-kit/wire').SdkCaller<import('./client.js').Client>} Caller */
/** @typedef {import('@instructor-cli/provider-kit').SubmitOptions} SubmitOptions */

/**
 * Uploads the requests and creates the batch. An upload may be repeated; creating may not: a second batch costs
 * as much as the first.
 *
 * @param {Caller} caller
 * @param {string} provider
 * @param {SubmitOptions} options
 */
export async function submit(caller, provider, options) {
  const fileId = await upload(caller, provider, options);
  options.onUploaded?.({ kind: 'input', id: fileId });

  const { signal, endpoint = '/v1/chat/completions', completionWindow = '24h', metadata } = options;
  const call = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: fileId, endpoint, completion_window: completionWindow, metadata }),
    signal,
  };
  try {
    const created = await caller.once((client) => client.json('/batches', call), signal);
    return readOpenAIBatch(created, provider);
  } catch (error) {
    if (!isProviderError(error) || !['network', 'unavailable'].includes(error.code)) throw error;
    if (neverSent(error)) throw error;
    return await findCreated(caller, provider, fileId, error, signal);
  }
}

/**
 * @param {Caller} caller
 * @param {string} provider
 * @param {SubmitOptions} options
 */
async function upload(caller, provider, { source, signal, onProgress }) {
  const { name, bytes } = source;
  const uploaded = await caller.repeat(
    (client) =>
      sendSource(source, (chunks) => {
        const file = { field: 'file', name, type: 'application/jsonl', bytes, open: () => chunks };
        const form = multipartForm({ purpose: 'batch' }, file, onProgress);
        const headers = { 'content-type': form.contentType, 'content-length': String(form.contentLength) };
        return client.json('/files', { method: 'POST', headers, body: form.body, signal, endless: true });
      }),
    signal,
  );
  const id = asText(asRecord(uploaded)?.['id']);
  if (id) return id;
  throw new ProviderError('unavailable', `${provider} answered the upload with something that is not a file`);
}

/**
 * The answer was lost, the batch may exist all the same. Its input file is used by no other, so it tells.
 *
 * @param {Caller} caller
 * @param {string} provider
 * @param {string} fileId
 * @param {ProviderError} lost
 * @param {AbortSignal} [signal]
 */
async function findCreated(caller, provider, fileId, lost, signal) {
  const page = await caller
    .repeat((client) => client.json('/batches?limit=100', { signal }), signal)
    .catch(() => undefined);
  const listed = asRecord(page)?.['data'];
  const created = (Array.isArray(listed) ? listed : []).find(
    (raw) => asRecord(raw)?.['input_file_id'] === fileId,
  );
  if (created) return readOpenAIBatch(created, provider);
  throw new ProviderError(lost.code, lost.message, {
    ...lost,
    outcomeUnknown: true,
    hint: `It is not known whether the batch was created. Before submitting again, look for one with input file ${fileId}`,
    cause: lost.cause,
  });
}
