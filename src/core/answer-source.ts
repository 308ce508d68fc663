import { hasEnded, type Batch, type CompiledSchema } from '@instructor-cli/provider-kit';
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
      readRow: await this.rowReader(batches[0]?.model, batches[0]?.endpoint),
      onProgress,
      onResume,
      onUnreadable,
      signal,
    };
  }

  /** How a result line is read. */
  async rowReader(model: string | undefined, endpoint: string | undefined): Promise<RowReader> {
    const provider = await this.options.session.local();
    const responseModel = await this.options.loadModel();
    let compiled: CompiledSchema | undefined;
    // The way back depends on the model only where the way there did: an unknown one is read like the default.
    const name = this.options.model ?? model ?? this.options.session.declaration.defaultModel ?? '';
    if (responseModel)
      compiled = compileFor(provider, responseModel, name, this.options.endpoint ?? endpoint);
    return createRowReader(provider, responseModel, compiled);
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
