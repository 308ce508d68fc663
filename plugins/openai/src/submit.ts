import type { OpenAI } from 'openai';
import { ProviderError, type Batch, type BatchFile, type SubmitOptions } from '@instructor-cli/provider-kit';
import { readOpenAIBatch, withGoneFile } from '@instructor-cli/provider-kit/openai-format';
import {
  answerWasLost,
  asRecord,
  asText,
  multipartForm,
  sendSource,
  withUnknownOutcome,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';

/** An upload ends when it ends: on a slow line 200 MB take longer than any sensible limit for an answer. */
const UPLOAD_TIMEOUT_MS = 24 * 3600 * 1000;

/** The client sends with `transferFetch`. */
const TRANSFER = { reuse: true };

/** Uploads the request file, unless that was done before, and creates the batch from it. */
export async function submit(
  caller: SdkCaller<OpenAI>,
  provider: string,
  options: SubmitOptions,
): Promise<Batch> {
  const file = options.uploaded ?? (await upload(caller, provider, options));
  // Nobody knows of the new file until this is done: a batch without a trace of it would be an orphan.
  if (!options.uploaded) await options.onUploaded?.(file);
  const startedAt = Date.now();
  try {
    return await create(caller, provider, options, file.id);
  } catch (error) {
    if (!answerWasLost(error)) throw options.uploaded ? withGoneFile(error, file) : error;
    const found = options.leaveLost ? undefined : await findCreated(caller, provider, file, options.signal);
    if (found) return found;
    throw withUnknownOutcome(
      error,
      `It is not known whether the batch was created. Before submitting again, look for one since ` +
        `${new Date(startedAt).toISOString()} with input file ${file.id}: instructor batch list --provider openai`,
    );
  }
}

async function upload(
  caller: SdkCaller<OpenAI>,
  provider: string,
  options: SubmitOptions,
): Promise<BatchFile> {
  const { source, signal, onProgress, expiresAfterSeconds } = options;
  const fields: Record<string, string> = { purpose: 'batch' };
  if (expiresAfterSeconds !== undefined) {
    fields['expires_after[anchor]'] = 'created_at';
    fields['expires_after[seconds]'] = String(expiresAfterSeconds);
  }
  const answer = await caller.repeat(
    (client) =>
      sendSource(
        source,
        async (chunks) => {
          const form = multipartForm(
            fields,
            {
              field: 'file',
              name: source.name,
              type: 'application/jsonl',
              bytes: source.bytes,
              open: () => chunks,
            },
            onProgress,
          );
          return await client.post<unknown>('/files', {
            body: form.body,
            headers: { 'content-type': form.contentType, 'content-length': String(form.contentLength) },
            timeout: UPLOAD_TIMEOUT_MS,
            signal,
          });
        },
        TRANSFER,
      ),
    signal,
  );
  const id = asText(asRecord(answer)?.['id']);
  if (!id) {
    throw new ProviderError(
      'unavailable',
      `${provider} answered the upload with something that is not a file`,
      {
        hint: 'Check that the base URL points at its API',
      },
    );
  }
  return { kind: 'input', id };
}

async function create(
  caller: SdkCaller<OpenAI>,
  provider: string,
  options: SubmitOptions,
  fileId: string,
): Promise<Batch> {
  const {
    endpoint = '/v1/chat/completions',
    completionWindow = '24h',
    metadata,
    expiresAfterSeconds,
    signal,
  } = options;
  const body = {
    input_file_id: fileId,
    endpoint,
    completion_window: completionWindow,
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(expiresAfterSeconds === undefined
      ? {}
      : { output_expires_after: { anchor: 'created_at', seconds: expiresAfterSeconds } }),
  };
  const raw = await caller.once((client) => client.post<unknown>('/batches', { body, signal }), signal);
  return readOpenAIBatch(raw, provider);
}

/** After a lost answer the batch may exist all the same. The uploaded file is used by no other one, so it tells. */
async function findCreated(
  caller: SdkCaller<OpenAI>,
  provider: string,
  file: BatchFile,
  signal?: AbortSignal,
): Promise<Batch | undefined> {
  const recent = await caller
    .repeat((client) => client.get<unknown>('/batches', { query: { limit: 100 }, signal }), signal)
    .catch(() => undefined);
  const listed = asRecord(recent)?.['data'];
  const created: unknown = (Array.isArray(listed) ? listed : []).find(
    (raw: unknown) => asRecord(raw)?.['input_file_id'] === file.id && asText(asRecord(raw)?.['id']),
  );
  return created ? readOpenAIBatch(created, provider) : undefined;
}
