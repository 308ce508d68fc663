import { mkdir, rm } from 'node:fs/promises';
import { forgetEncodings } from '../../core/count-tokens.js';
import { createRequests, type InputRow, type RequestSink } from '../../core/create-requests.js';
import { SideFile } from '../../core/side-file.js';
import { stringifyExactly } from '../../rows/exact-number.js';
import { openOutput, type Output } from '../../rows/output-file.js';
import { sha256 } from '../sha256.js';
import { batchLimits, record, requestTarget, type RunContext } from '../run-context.js';
import type { PlanFacts } from '../store/events.js';
import { openRunRows } from './open-run-rows.js';
import { RequestPrice } from './request-price.js';
import { ShardWriter, type WrittenShards } from './shard-writer.js';

const PROGRESS_EVERY = 5000;

/** Makes the requests of a run and puts them into files of the size of a batch. Nothing is sent. */
export async function planRun(run: RunContext): Promise<void> {
  const { paths, settings, signal } = run;
  // What an interrupted plan left behind; nothing points to it.
  await rm(paths.requests, { recursive: true, force: true });
  await mkdir(paths.requests, { recursive: true });
  const target = await requestTarget(run);
  const { declaration } = target;
  const { rows, places, notes } = await openRunRows(settings, declaration, signal);
  const price = new RequestPrice({ ...target, prices: run.prices, exact: needsExactTokens(run) });
  const writer = new ShardWriter({
    ...target,
    folder: paths.folder,
    limits: batchLimits(run),
    byModel: declaration.limits.oneModelPerBatch === true,
    price,
    firstNumber: 1,
    round: 1,
    canary: settings.policy.canary,
  });
  const order = await openOutput(paths.order, { force: true });
  const idList = new SideFile(paths.ids, { force: true });
  const badRows = settings.skipBadRows ? new SideFile(paths.skipped, { force: true }) : undefined;
  try {
    const created = await createRequests({
      ...target,
      ...settings.request,
      // Each model gets shards of its own, so that several are no mistake here.
      // And that they are more than one batch takes is what a run is for.
      declaration: { ...declaration, limits: { customId: declaration.limits.customId } },
      rows,
      places,
      output: new PlanSink(writer, order, (count) => run.listener.onWork?.('planning', count)),
      idList,
      badRows,
      signal,
    });
    const problem = created.problems.toError(settings.input.name, 'nothing was sent');
    if (problem) throw problem;
    const written = await writer.finish();
    for (const file of [order, idList, badRows]) await file?.commit();
    await record(run, {
      event: 'planned',
      shards: written.shards,
      lists: writer.lists.size,
      requests: written.requests,
      skipped: badRows?.lines ?? 0,
      facts: factsOf(run, written, price, [...notes, ...created.notes]),
    });
  } finally {
    forgetEncodings();
    await writer.discard();
    for (const file of [order, idList, badRows]) await file?.discard();
  }
}

/** Where a limit on tokens or money has to hold, every request is counted. */
function needsExactTokens({ settings, session }: RunContext): boolean {
  return (
    settings.limits.maxTokensPerBatch !== undefined ||
    settings.limits.maxTokensInFlight !== undefined ||
    settings.policy.maxCostUsd !== undefined ||
    session.declaration.limits.tokens !== undefined
  );
}

function factsOf(run: RunContext, written: WrittenShards, price: RequestPrice, notes: string[]): PlanFacts {
  const { encodings, errorPercent } = price.method();
  return {
    tokenizer: encodings.length > 0 ? encodings.join(', ') : undefined,
    errorPercent,
    countedRequests: price.guessed > 0 ? price.counted : undefined,
    images: written.images,
    pricesFrom: run.prices?.date,
    inputUsd: written.inputUsd,
    notes,
  };
}

/** Puts each request into its shard, and notes the order and the rows that they were made of. */
class PlanSink implements RequestSink {
  private requests = 0;

  constructor(
    private readonly shards: ShardWriter,
    private readonly order: Output,
    private readonly onProgress: (requests: number) => void,
  ) {}

  get bytes(): number {
    return this.shards.bytes;
  }

  write(line: string, request: Record<string, unknown>, row: InputRow): Promise<void> | undefined {
    this.requests += 1;
    if (this.requests % PROGRESS_EVERY === 0) this.onProgress(this.requests);
    const list = this.shards.add(line, request);
    return typeof list === 'number'
      ? this.note(list, row)
      : list.then(async (known) => {
          await this.note(known, row);
        });
  }

  private note(list: number, row: InputRow): Promise<void> | undefined {
    return this.order.write(`${list} ${hashOfRow(row)}\n`);
  }
}

/** The hash of what a request was made of: the row of a table in the columns that count, or a conversation. */
function hashOfRow(row: InputRow): string {
  const made = row.source ?? ('value' in row ? row.value : undefined);
  const text = stringifyExactly(made);
  return sha256(text);
}
