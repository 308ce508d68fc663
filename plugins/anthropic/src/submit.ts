import type { BaseAnthropic } from '@anthropic-ai/sdk';
import type { Batch, SubmitOptions } from '@instructor-cli/provider-kit';
import {
  answerWasLost,
  asRecord,
  asText,
  sendSource,
  uploadStream,
  withUnknownOutcome,
  type SdkCaller,
} from '@instructor-cli/provider-kit/wire';
import { SAMPLING_TRAIT } from './check-request.js';
import { readBatch } from './read-batch.js';

/** Sending ends when it ends: on a slow line 256 MB take longer than any sensible limit for an answer. */
const SEND_TIMEOUT_MS = 24 * 3600 * 1000;

/** The last version that takes temperature, top_p and top_k inside a batch. */
const SAMPLING_VERSION = '2023-06-01';

/** Asks for the older version where a request needs it. */
export function versionFor(traits: readonly string[]): Record<string, string> {
  return traits.includes(SAMPLING_TRAIT) ? { 'anthropic-version': SAMPLING_VERSION } : {};
}

/** The client sends with `transferFetch`. */
const TRANSFER = { reuse: true };

/** Creates the batch from the requests, which travel inside the one call. It is made once: there is no way to make it safe to repeat. */
export async function submit(
  caller: SdkCaller<BaseAnthropic>,
  provider: string,
  options: SubmitOptions,
): Promise<Batch> {
  const { source, signal, onProgress, traits } = options;
  const startedAt = Date.now();
  const sent: Sent = { all: false, onProgress };
  try {
    const raw = await caller.once(
      (client) =>
        sendSource(
          source,
          (chunks) =>
            client.post<unknown>('/v1/messages/batches', {
              body: uploadStream(requestBody(chunks, source.bytes, sent)),
              headers: {
                'content-type': 'application/json',
                'content-length': String(source.bytes + HEAD.byteLength + TAIL.byteLength - 1),
                ...versionFor(traits),
              },
              timeout: SEND_TIMEOUT_MS,
              signal,
            }),
          TRANSFER,
        ),
      signal,
    );
    return readBatch(raw, provider);
  } catch (error) {
    // No batch comes from half a list.
    if (!answerWasLost(error) || !sent.all) throw error;
    const found = options.leaveLost
      ? 'Look for it with: instructor batch list --provider anthropic'
      : await lookForLost(caller, provider, source.requests, startedAt, signal);
    throw withUnknownOutcome(
      error,
      `It is not known whether the batch was created; do not submit again before you know. ${found}`,
    );
  }
}

/** How far the sending has come. */
interface Sent {
  all: boolean;
  onProgress?: (sentBytes: number) => void;
}

const HEAD = Buffer.from('{"requests":[');
const TAIL = Buffer.from(']}');
const LINE_FEED = 0x0a;
const COMMA = 0x2c;

/** JSON Lines to a JSON list: every line feed becomes a comma, but for the last. JSON text holds no raw line feeds. */
async function* requestBody(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number,
  sent: Sent,
): AsyncGenerator<Uint8Array> {
  yield HEAD;
  let read = 0;
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = part.indexOf(LINE_FEED); at !== -1; at = part.indexOf(LINE_FEED, at + 1)) part[at] = COMMA;
    read += part.byteLength;
    yield read === bytes ? part.subarray(0, -1) : part;
    sent.onProgress?.(read);
  }
  sent.all = true;
  yield TAIL;
}

/**
 * A message batch carries nothing of ours, so a lost one can only be guessed by its time and size. The guess is
 * shown, never acted upon.
 */
async function lookForLost(
  caller: SdkCaller<BaseAnthropic>,
  provider: string,
  requests: number,
  startedAt: number,
  signal?: AbortSignal,
): Promise<string> {
  const page = await caller
    .repeat(
      (client) => client.get<unknown>('/v1/messages/batches', { query: { limit: 100 }, signal }),
      signal,
    )
    .catch(() => undefined);
  const listed = asRecord(page)?.['data'];
  const candidates = (Array.isArray(listed) ? listed : [])
    .filter((raw: unknown) => asText(asRecord(raw)?.['id']))
    .map((raw: unknown) => readBatch(raw, provider))
    // The clocks of two machines differ.
    .filter(
      (batch) =>
        (batch.times.created?.getTime() ?? 0) > startedAt - 60_000 && batch.requests.total === requests,
    );
  if (candidates.length > 0) return `These batches fit: ${candidates.map(({ id }) => id).join(', ')}`;
  return page === undefined
    ? 'Look for it with: instructor batch list --provider anthropic'
    : 'None was listed a moment ago; look again with: instructor batch list --provider anthropic';
}
