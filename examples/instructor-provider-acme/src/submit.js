// @ts-check
import { ProviderError } from '@instructor-cli/provider-kit';
import { readOpenAIBatch, withGoneFile } from '@instructor-cli/provider-kit/openai-format';
import {
  answerWasLost,
  asRecord,
  asText,
  multipartForm,
  sendSource,
  withUnknownOutcome,
} from '@instructor-cli/provider-kit/wire';

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
  const { uploaded, leaveLost } = options;
  const file = uploaded ?? (await upload(caller, provider, options));
  // Waited for: the host writes down what there is before a batch comes of it.
  if (!uploaded) await options.onUploaded?.(file);

  const { signal, endpoint = '/v1/chat/completions', completionWindow = '24h', metadata } = options;
  const call = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint, completion_window: completionWindow, metadata }),
    signal,
  };
  try {
    const created = await caller.once((client) => client.json('/batches', call), signal);
    return readOpenAIBatch(created, provider);
  } catch (error) {
    if (!answerWasLost(error)) throw uploaded ? withGoneFile(error, file) : error;
    const found = leaveLost ? undefined : await findCreated(caller, file.id, signal);
    if (found) return readOpenAIBatch(found, provider);
    const hint = `It is not known whether the batch was created. Before submitting again, look for one with input file ${file.id}`;
    throw withUnknownOutcome(error, hint);
  }
}

/**
 * @param {Caller} caller
 * @param {string} provider
 * @param {SubmitOptions} options
 * @returns {Promise<import('@instructor-cli/provider-kit').BatchFile>}
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
  if (id) return { kind: 'input', id };
  throw new ProviderError('unavailable', `${provider} answered the upload with something that is not a file`);
}

/**
 * The answer was lost, the batch may exist all the same. Its input file is used by no other, so it tells.
 *
 * @param {Caller} caller
 * @param {string} fileId
 * @param {AbortSignal} [signal]
 * @returns {Promise<unknown>}
 */
async function findCreated(caller, fileId, signal) {
  const page = await caller
    .repeat((client) => client.json('/batches?limit=100', { signal }), signal)
    .catch(() => undefined);
  const listed = asRecord(page)?.['data'];
  return (Array.isArray(listed) ? listed : []).find((raw) => asRecord(raw)?.['input_file_id'] === fileId);
}
