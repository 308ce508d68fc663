import type { Batch, BatchFile } from '../contract/batch.js';
import type { BatchProvider } from '../contract/provider.js';
import { readRetryAfter } from './http-error.js';
import { listPages } from './list-pages.js';
import { openAnswer } from './open-answer.js';
import { pathPart } from './path-part.js';
import type { SdkCaller } from './sdk-caller.js';

/** What a call of these SDKs gives: the parsed body, or on request the answer around it. */
interface SdkAnswer extends Promise<unknown> {
  withResponse(): Promise<{ data: unknown; response: Response }>;
  asResponse(): Promise<Response>;
}

/** The part that the clients of OpenAI, Anthropic, Groq and Together have in common. */
export interface SdkClient {
  get(path: string, options?: object): SdkAnswer;
  post(path: string, options?: object): Promise<unknown>;
}

export interface SdkBatchesOptions {
  caller: SdkCaller<SdkClient>;
  /** The provider's name, for messages. */
  name: string;
  /** Where its batches are, such as `/batches`. */
  path: string;
  maxPageSize: number;
  /** The query parameter that continues a list behind an id. */
  after: string;
  readBatch: (raw: unknown) => Batch;
  /** Where the bytes of a file are. */
  contentPath: (file: BatchFile) => string;
}

const CANCELLED: ReadonlySet<string> = new Set(['cancelling', 'cancelled']);

type SdkBatches = Pick<BatchProvider, 'retrieve' | 'list' | 'cancel' | 'openFile'>;

/** The calls that are alike in every service whose SDK has this form. */
export function sdkBatches(options: SdkBatchesOptions): SdkBatches {
  const { caller, name, path, maxPageSize, readBatch, contentPath } = options;
  const pathOf = (id: string): string => `${path}/${pathPart(id)}`;
  return {
    retrieve: async (id, { signal } = {}) => {
      const { data, response } = await caller.repeat(
        (client) => client.get(pathOf(id), { signal }).withResponse(),
        signal,
      );
      // A service may say here how long to wait before the next look, as Anthropic does.
      return { ...readBatch(data), pollAfterSeconds: readRetryAfter(response.headers) };
    },
    list: ({ limit: wanted, signal } = {}) =>
      listPages({
        limit: wanted,
        maxPageSize,
        readItem: readBatch,
        fetchPage: (limit, after) => {
          const query = { limit, ...(after === undefined ? {} : { [options.after]: after }) };
          return caller.repeat((client) => client.get(path, { query, signal }), signal);
        },
      }),
    cancel: (id, { signal } = {}) =>
      caller.repeat(
        async (client) => readBatch(await client.post(`${pathOf(id)}/cancel`, { signal })),
        signal,
        // The try whose answer was lost may have cancelled it, and a second time is refused.
        async (error) => {
          const batch = await caller.once(
            async (client) => readBatch(await client.get(pathOf(id), { signal })),
            signal,
          );
          if (batch.times.cancelling || CANCELLED.has(batch.status)) return batch;
          throw error;
        },
      ),
    openFile: (file, opening = {}) =>
      caller.repeat(
        (client) =>
          openAnswer(name, opening, (headers) =>
            client
              .get(contentPath(file), { headers, signal: opening.signal, __binaryResponse: true })
              .asResponse(),
          ),
        opening.signal,
      ),
  };
}
