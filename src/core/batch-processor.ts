import type { Batch, CompiledSchema } from '@instructor-cli/provider-kit';
import { hasEnded } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { bundledPlugins, pluginFrom } from '../registry/bundled-plugins.js';
import { chooseProvider } from '../registry/choose-provider.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { readFileBlocks } from '../rows/input-file.js';
import { openOutput, requireOtherFile } from '../rows/output-file.js';
import { readLines } from '../rows/read-lines.js';
import { toResponseModel, type ResponseModel, type ResponseModelInput } from '../schema/response-model.js';
import type {
  BatchProcessorOptions,
  CreateBatchOptions,
  CreateFromRowsOptions,
  ResultsOptions,
  SubmitBatchOptions,
} from './batch-processor-options.js';
import { cancelBatch, deleteBatch } from './change-batch.js';
import { checkRequestFile, type CheckedFile } from './check-request-file.js';
import { collectResults } from './collect-results.js';
import { compileFor, createRequests, type CreatedRequests } from './create-requests.js';
import { getBatch } from './get-batch.js';
import { listBatches, type ListBatchesOptions } from './list-batches.js';
import { rowsFromValues } from './message-rows.js';
import { readBatchFile } from './read-batch-file.js';
import { createRowReader, type RowReader } from './read-results.js';
import { readRequestIds } from './request-ids.js';
import type { BatchResult } from './result-row.js';
import { ResultSummary } from './result-summary.js';
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
      return;
    }
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
    const provider = await this.session.local();
    const responseModel = await this.loadModel();
    await requireOtherFile(options.path, options.rowsPath);
    const output = await openOutput(options.path, options);
    try {
      const created = await createRequests({
        ...options,
        provider,
        output,
        declaration: this.session.declaration,
        model: this.requireModel(),
        endpoint: this.endpoint,
        responseModel,
      });
      const problem = created.problems.toError(options.rowsName, 'nothing was written');
      if (problem) throw problem;
      await output.commit();
      return created;
    } finally {
      await output.discard();
    }
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

  /** All rows of a batch that has ended, one after the other. */
  async *results(batch: string | Batch, options: ResultsOptions = {}): AsyncGenerator<BatchResult<T>> {
    for await (const block of this.resultBlocks(batch, options)) yield* block;
  }

  /** The same, many rows at a time. */
  async *resultBlocks(batch: string | Batch, options: ResultsOptions = {}): AsyncGenerator<BatchResult<T>[]> {
    this.session.require('results');
    const { summary = new ResultSummary(), signal } = options;
    const provider = await this.session.remote();
    const ended = typeof batch === 'string' ? await provider.retrieve(batch, { signal }) : batch;
    if (!hasEnded(ended.status)) {
      throw new InstructorError(
        'state',
        `Batch ${ended.id} is still ${ended.status}; it has no results yet`,
        {
          hint: `Wait for its end: instructor batch wait ${ended.id} --provider ${this.session.declaration.id}`,
        },
      );
    }
    yield* collectResults({
      ...options,
      provider,
      summary,
      batch: ended,
      name: this.session.declaration.name,
      readRow: await this.rowReader(ended.model, ended.endpoint),
      requestIds: await this.requestIds(ended, options),
      onRequestsGone: () =>
        options.onNote?.(
          'The input file of the batch is gone: pass --requests-file to see which rows are missing',
        ),
    }) as AsyncGenerator<BatchResult<T>[]>;
  }

  /** Reads result lines that were downloaded before. Lines that cannot be read are an error with their number. */
  async *parseResults(stream: AsyncIterable<Uint8Array>): AsyncGenerator<BatchResult<T>> {
    const readRow = await this.rowReader(undefined, undefined);
    for await (const { first, lines } of readLines(stream, 'the results')) {
      for (const [offset, line] of lines.entries()) {
        if (line.trim() === '') continue;
        try {
          yield (await readRow(line)) as BatchResult<T>;
        } catch (error) {
          throw new InstructorError(
            'input',
            `Line ${first + offset} of the results cannot be read: ${(error as Error).message}`,
            {
              cause: error,
            },
          );
        }
      }
    }
  }

  private async rowReader(model: string | undefined, endpoint: string | undefined): Promise<RowReader> {
    const provider = await this.session.local();
    const responseModel = await this.loadModel();
    let compiled: CompiledSchema | undefined;
    // The way back depends on the model only where the way there did: an unknown one is read like the default.
    const name = this.model ?? model ?? this.session.declaration.defaultModel ?? '';
    if (responseModel) compiled = compileFor(provider, responseModel, name, this.endpoint ?? endpoint);
    return createRowReader(provider, responseModel, compiled);
  }

  /** Where the order of the rows is known from: a file of the user's, or the one that the provider keeps. */
  private async requestIds(
    batch: Batch,
    options: ResultsOptions,
  ): Promise<AsyncIterable<string[]> | undefined> {
    const { requestsFile, useInputFile = true, ...reading } = options;
    const provider = await this.session.local();
    if (requestsFile !== undefined)
      return readRequestIds(provider, readFileBlocks(requestsFile), requestsFile);
    const input = batch.files.find(({ kind }) => kind === 'input');
    if (!input || !useInputFile) return undefined;
    const bytes = readBatchFile(provider, input, {
      ...reading,
      onProgress: undefined,
      name: this.session.declaration.name,
    });
    return readRequestIds(provider, bytes, 'the input file');
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
