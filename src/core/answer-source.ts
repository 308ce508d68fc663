import {
  hasEnded,
  isRequestSettingsError,
  isSchemaError,
  type Batch,
  type BatchProvider,
  type CompiledSchema,
} from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { readFileBlocks } from '../rows/input-file.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { ResultsOptions } from './batch-processor-options.js';
import type { CollectOptions } from './collect-results.js';
import { compileFor } from './create-requests.js';
import { readBatchFile } from './read-batch-file.js';
import { createRowReader, type RowReader } from './read-results.js';
import { readRequestIds } from './request-ids.js';
import type { ResultSummary } from './result-summary.js';
import { SafeIds } from './safe-ids.js';
import type { ProviderSession } from './session.js';

export interface AnswerSourceOptions {
  session: ProviderSession;
  /** If the user named one. */
  model: string | undefined;
  endpoint: string | undefined;
  loadModel: () => Promise<ResponseModel | undefined>;
}

/** Where answers come from: the batches, how their lines are read, and what was asked. */
export class AnswerSource {
  constructor(private readonly options: AnswerSourceOptions) {}

  /** How ids look at the provider. */
  safeIds(): SafeIds {
    return new SafeIds(this.options.session.declaration.limits.customId);
  }

  /** What reading the results of batches that have ended takes. */
  async collect(
    batch: string | Batch | readonly (string | Batch)[],
    options: Pick<ResultsOptions, 'onProgress' | 'onResume' | 'onUnreadable' | 'signal'>,
    summary: ResultSummary,
  ): Promise<CollectOptions> {
    this.options.session.require('results');
    const { id, name } = this.options.session.declaration;
    const provider = await this.options.session.remote();
    const batches: Batch[] = [];
    for (const one of [batch].flat() as (string | Batch)[]) {
      batches.push(typeof one === 'string' ? await provider.retrieve(one, options) : one);
    }
    for (const { id: batchId, status } of batches) {
      if (hasEnded(status)) continue;
      throw new InstructorError('state', `Batch ${batchId} is still ${status}; it has no results yet`, {
        hint: `Wait for its end: instructor batch wait ${batchId} --provider ${id}`,
      });
    }
    const { onProgress, onResume, onUnreadable, signal } = options;
    return {
      provider,
      summary,
      name,
      batches: oldestFirst(batches),
      readRow: await this.rowReader(batches[0]),
      onProgress,
      onResume,
      onUnreadable,
      signal,
    };
  }

  /** How a result line is read. */
  async rowReader(batch?: Pick<Batch, 'model' | 'endpoint'>): Promise<RowReader> {
    const provider = await this.options.session.local();
    const responseModel = await this.options.loadModel();
    const compiledFor = responseModel && this.compilerOf(provider, responseModel, batch);
    return createRowReader(provider, responseModel, compiledFor ?? (() => undefined));
  }

  /** The way back from an answer depends on the model that gave it, as the way there did. */
  private compilerOf(
    provider: BatchProvider,
    responseModel: ResponseModel,
    batch: Pick<Batch, 'model' | 'endpoint'> | undefined,
  ): (model: string | undefined) => CompiledSchema | undefined {
    const { model: named, session, endpoint = batch?.endpoint } = this.options;
    if (named !== undefined) {
      const compiled = compileFor(provider, responseModel, named, endpoint);
      return () => compiled;
    }
    const fallback = batch?.model ?? session.declaration.defaultModel ?? '';
    const known = new Map<string, CompiledSchema | undefined>();
    return (model = fallback) => {
      if (!known.has(model)) known.set(model, compileOrNothing(provider, responseModel, model, endpoint));
      return known.get(model);
    };
  }

  /** Where the order of the rows is known from: files of the user's, or those that the provider keeps. */
  async requestIds(
    batches: readonly Batch[],
    options: ResultsOptions,
  ): Promise<AsyncIterable<string[]> | undefined> {
    const { requestsFile, useInputFile = true, ...reading } = options;
    const provider = await this.options.session.local();
    const { name } = this.options.session.declaration;
    if (requestsFile !== undefined) {
      const files = [requestsFile].flat() as string[];
      return inTurn(files.map((file) => () => readRequestIds(provider, readFileBlocks(file), file)));
    }
    const inputs = batches.flatMap(({ files }) => files.find(({ kind }) => kind === 'input') ?? []);
    if (inputs.length < batches.length || !useInputFile) return undefined;
    return inTurn(
      inputs.map((input) => () => {
        const bytes = readBatchFile(provider, input, { ...reading, onProgress: undefined, name });
        return readRequestIds(provider, bytes, 'the input file');
      }),
    );
  }
}

function oldestFirst(batches: readonly Batch[]): Batch[] {
  const created = ({ times }: Batch): number => times.created?.getTime() ?? 0;
  return batches.toSorted((left, right) => created(left) - created(right));
}

async function* inTurn(lists: (() => AsyncIterable<string[]>)[]): AsyncGenerator<string[]> {
  for (const list of lists) yield* list();
}

/** A model that cannot be given the schema was not given it: its answers are checked as they came. */
function compileOrNothing(
  provider: BatchProvider,
  { jsonSchema, name }: ResponseModel,
  model: string,
  endpoint: string | undefined,
): CompiledSchema | undefined {
  try {
    return provider.compileSchema(jsonSchema, { model, endpoint, name });
  } catch (error) {
    if (isSchemaError(error) || isRequestSettingsError(error)) return undefined;
    throw error;
  }
}
