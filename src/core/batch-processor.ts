import type { Batch } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { bundledPlugins, pluginFrom } from '../registry/bundled-plugins.js';
import { chooseProvider } from '../registry/choose-provider.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { toResponseModel, type ResponseModel, type ResponseModelInput } from '../schema/response-model.js';
import { AnswerSource } from './answer-source.js';
import type {
  BatchProcessorOptions,
  CreateBatchOptions,
  CreateFromRowsOptions,
  ResultsOptions,
  RetryRequestsOptions,
  SubmitBatchOptions,
} from './batch-processor-options.js';
import { cancelBatch, deleteBatch } from './change-batch.js';
import { checkRequestFile, type CheckedFile } from './check-request-file.js';
import { createRequestFile } from './create-request-file.js';
import type { CreatedRequests, RequestTarget } from './create-requests.js';
import { createRetryFile, type RetryFile } from './create-retry-file.js';
import { getBatch } from './get-batch.js';
import { listBatches, type ListBatchesOptions } from './list-batches.js';
import { rowsFromValues } from './message-rows.js';
import { previewRequests, type RequestPreviews } from './preview-requests.js';
import type { BatchResult } from './result-row.js';
import { parseResults, resultBlocks } from './result-blocks.js';
import { ProviderSession } from './session.js';
import { submitRequests } from './submit-requests.js';

const DEFAULT_MAX_TOKENS = 1000;
const DEFAULT_TEMPERATURE = 0.1;

/**
 * Batch jobs of one provider and model, and the shape of their answers.
 *
 * @example
 * const processor = new BatchProcessor('openai/gpt-4o-mini', Classification);
 * await processor.createBatchFromMessages({ messagesList, filePath: 'requests.jsonl' });
 * const { id } = await processor.submitBatch('requests.jsonl');
 * for await (const row of processor.results(id)) if (row.success) console.log(row.result.label);
 */
export class BatchProcessor<T = unknown> {
  private readonly session: ProviderSession;
  private readonly model: string | undefined;
  private readonly endpoint: string | undefined;
  private readonly others: ProviderRegistry['entries'];
  private readonly answers: AnswerSource;
  private loadedModel: Promise<ResponseModel<T> | undefined> | undefined;

  /** `model` is `provider/model`, such as `anthropic/claude-haiku-4-5`. */
  constructor(
    model: string,
    private readonly responseModel?: ResponseModelInput<T>,
    options:
      | BatchProcessorOptions
      | { session: ProviderSession; registry: ProviderRegistry; endpoint?: string } = {},
  ) {
    this.endpoint = options.endpoint;
    if ('session' in options) {
      this.session = options.session;
      this.others = options.registry.entries;
      this.model = model === '' ? this.session.declaration.defaultModel : model;
    } else {
      const { env = process.env, plugins = [] } = options;
      const registry = new ProviderRegistry([
        ...bundledPlugins(),
        ...plugins.map((name) => pluginFrom(process.cwd(), name)),
      ]);
      const choice = chooseProvider(registry, { model, configured: env['INSTRUCTOR_PROVIDER'] });
      this.session = new ProviderSession(choice.entry, { env });
      this.others = registry.entries;
      this.model = choice.model;
    }
    const { session, endpoint } = this;
    this.answers = new AnswerSource({
      session,
      model: model === '' ? undefined : this.model,
      endpoint,
      loadModel: () => this.loadModel(),
    });
  }

  /** Writes a request file, and returns its path. Nothing is written if any row is wrong. */
  async createBatchFromMessages(options: CreateBatchOptions): Promise<string> {
    const { messagesList, messages = messagesList, customIds, filePath = 'batch_requests.jsonl' } = options;
    if (!messages) throw new InstructorError('usage', 'Either messagesList or messages is needed');
    const { maxTokens, temperature } = options;
    await this.createFromRows({
      ...options,
      rows: rowsFromValues(messages, customIds),
      rowsName: 'messages',
      path: filePath,
      maxTokens: { value: maxTokens ?? DEFAULT_MAX_TOKENS, explicit: maxTokens !== undefined },
      temperature: { value: temperature ?? DEFAULT_TEMPERATURE, explicit: temperature !== undefined },
    });
    return filePath;
  }

  /** The same for rows of any origin, and with all that is known about the file that came of it. */
  async createFromRows(options: CreateFromRowsOptions): Promise<CreatedRequests> {
    this.session.require('create');
    return await createRequestFile({ ...options, ...(await this.requestTarget()) });
  }

  /** The first requests that would be written; nothing is. */
  async previewFromRows(
    options: Omit<CreateFromRowsOptions, 'path'>,
    count: number,
  ): Promise<RequestPreviews> {
    return await previewRequests({ ...options, ...(await this.requestTarget()) }, count);
  }

  /** Reads a whole request file and says what is wrong with it, before anything is sent. */
  async checkRequestFile(
    path: string,
    options: { validate?: boolean; signal?: AbortSignal } = {},
  ): Promise<CheckedFile> {
    return await checkRequestFile({
      ...options,
      path,
      provider: await this.session.local(),
      declaration: this.session.declaration,
      endpoint: this.endpoint,
      others: this.others.map(({ declaration }) => declaration),
    });
  }

  /** Checks a request file, sends it and creates the batch. */
  async submitBatch(path: string, options: SubmitBatchOptions = {}): Promise<Batch> {
    const file = await this.checkRequestFile(path, options);
    const problem =
      options.validate === false ? undefined : file.checker.problems.toError(path, 'nothing was sent');
    if (problem) throw problem;
    return await this.submitChecked(file, options);
  }

  /** Sends a file that was checked before. */
  async submitChecked(file: CheckedFile, options: SubmitBatchOptions = {}): Promise<Batch> {
    this.session.require('create');
    const { onProgress } = options;
    return await submitRequests({
      ...options,
      session: this.session,
      file,
      onProgress: onProgress && ((sent) => onProgress(sent, file.bytes)),
    });
  }

  async getBatch(batchId: string, signal?: AbortSignal): Promise<Batch> {
    return await getBatch(this.session, batchId, signal);
  }

  async getBatches(batchIds: readonly string[], signal?: AbortSignal): Promise<Batch[]> {
    return await Promise.all(batchIds.map((id) => this.getBatch(id, signal)));
  }

  /** The newest batches of the provider. */
  async listBatches(options: ListBatchesOptions = { limit: 10 }): Promise<Batch[]> {
    return await listBatches(this.session, options);
  }

  async cancelBatch(batchId: string, signal?: AbortSignal): Promise<Batch> {
    return await cancelBatch(this.session, batchId, signal);
  }

  async deleteBatch(batchId: string, signal?: AbortSignal): Promise<void> {
    await deleteBatch(this.session, batchId, signal);
  }

  /** All rows of a batch that has ended, one after the other. Of several batches each row has its latest good answer. */
  async *results(
    batch: string | Batch | readonly (string | Batch)[],
    options: ResultsOptions = {},
  ): AsyncGenerator<BatchResult<T>> {
    for await (const block of this.resultBlocks(batch, options)) yield* block;
  }

  /** The same, many rows at a time. */
  async *resultBlocks(
    batch: string | Batch | readonly (string | Batch)[],
    options: ResultsOptions = {},
  ): AsyncGenerator<BatchResult<T>[]> {
    yield* resultBlocks(this.answers, batch, options) as AsyncGenerator<BatchResult<T>[]>;
  }

  /** Writes a request file of the rows that are worth another try; none if there are no such rows. */
  async retryRequests(
    batch: string | Batch | readonly (string | Batch)[],
    options: RetryRequestsOptions,
  ): Promise<RetryFile> {
    return await createRetryFile(this.answers, batch, options);
  }

  /** Reads result lines that were downloaded before. Lines that cannot be read are an error with their number. */
  async *parseResults(stream: AsyncIterable<Uint8Array>): AsyncGenerator<BatchResult<T>> {
    yield* parseResults(this.answers, stream) as AsyncGenerator<BatchResult<T>>;
  }

  /** What requests are made for. */
  private async requestTarget(): Promise<RequestTarget> {
    return {
      provider: await this.session.local(),
      declaration: this.session.declaration,
      model: this.requireModel(),
      endpoint: this.endpoint,
      responseModel: await this.loadModel(),
    };
  }

  private requireModel(): string {
    const model = this.model ?? this.session.declaration.defaultModel;
    if (model !== undefined) return model;
    throw new InstructorError('usage', `${this.session.declaration.name} has no default model`, {
      hint: 'Name one: --model provider/model',
    });
  }

  private async loadModel(): Promise<ResponseModel<T> | undefined> {
    this.loadedModel ??=
      this.responseModel === undefined ? Promise.resolve(undefined) : toResponseModel<T>(this.responseModel);
    return await this.loadedModel;
  }
}
