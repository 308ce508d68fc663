import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { collectResults, type CollectOptions } from '../../core/collect-results.js';
import { openJoinInput, nothingJoined, type JoinInput } from '../../core/join-input.js';
import { OriginalIds } from '../../core/original-ids.js';
import { toResultRecord, type BatchResult } from '../../core/result-row.js';
import { ResultSummary } from '../../core/result-summary.js';
import { SafeIds } from '../../core/safe-ids.js';
import { openSink, type ResultSink } from '../../core/write-results.js';
import { readRequestIds } from '../../core/request-ids.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { openOutput, requireFreeName, type Output } from '../../rows/output-file.js';
import { collectedBatches, DIRECT } from '../collect/local-answers.js';
import { collectOptions } from '../collect/open-answers.js';
import { plannedShards } from '../plan/read-requests.js';
import { record, type RunContext } from '../run-context.js';
import { hashFile, requireSameInput } from '../send/shard-source.js';
import type { FileHash } from '../store/events.js';
import { oneByOne } from '../one-by-one.js';
import { askedRequests, LaterRequests } from './asked-requests.js';
import { sha256 } from '../sha256.js';
import { toReceipt } from './receipt.js';

/** What came of all rows, and the files that say so. */
export interface RunOutcome {
  summary: ResultSummary;
  results: FileHash;
  receipts: FileHash;
  output?: FileHash & { path: string };
}

const PROGRESS_EVERY = 5000;

/** Writes every row with what became of it: for programs, for the user, and for the record. */
export async function writeOutcome(run: RunContext): Promise<RunOutcome> {
  const { paths, settings, session, signal } = run;
  const onlyBatch = theOnlyBatch(run);
  const summary = new ResultSummary(run.prices, (batchId) => (batchId ?? onlyBatch) === DIRECT);
  const collect = await collectOptions(run, summary);
  const table = await joinInput(run);
  const ids = new SafeIds(session.declaration.limits.customId);
  const output = await openUserOutput(run);
  const results = await openHashed(paths.results);
  const receipts = await openHashed(paths.receipts);
  const sink =
    output &&
    (await openSink(output, {
      format: settings.output?.format ?? 'jsonl',
      responseModel: run.responseModel,
      escapeFormulas: settings.output?.escapeFormulas,
      joined: table !== undefined,
      inputColumns: table?.columns,
      attempts: collect.batches.length > 1,
      onNote: run.listener.onNote,
    }));
  try {
    const rows = collectResults({
      ...collect,
      onUnreadable: unreadableTeller(run),
      requestIds: idsInOrder(run, table === undefined),
      everyRowAsked: table !== undefined && asksAll(run),
      join: table?.rows(ids),
      nothingJoined: table && (() => nothingJoined(table)),
      originalIds: new OriginalIds(ids, [paths.allRequests]),
    });
    await writeRows(run, rows, { results, receipts, sink, later: await LaterRequests.read(run) });
    tellOddAnswers(run, summary);
    await sink?.finish();
    signal.throwIfAborted();
    await record(run, { event: 'writing', output: settings.output?.path });
    await output?.commit();
    const outcome: RunOutcome = {
      summary,
      results: await results.commit(),
      receipts: await receipts.commit(),
    };
    const { output: wanted } = settings;
    if (wanted && wanted.path !== '-')
      outcome.output = { path: wanted.path, ...(await hashFile(wanted.path, signal)) };
    return outcome;
  } finally {
    await sink?.close();
    await output?.discard();
    await results.discard();
    await receipts.discard();
  }
}

/** A file that is damaged as a whole must not fill the log. */
const UNREADABLE_TOLD = 5;

function unreadableTeller({ listener }: RunContext): CollectOptions['onUnreadable'] {
  let told = 0;
  return ({ file, line, reason }) => {
    told += 1;
    if (told <= UNREADABLE_TOLD) listener.onNote?.(`Line ${line} of ${file} cannot be read: ${reason}`);
  };
}

/** What makes the answers other than the rows that were asked. */
function tellOddAnswers({ listener }: RunContext, summary: ResultSummary): void {
  const { duplicates, unexpected, unreadableLines } = summary;
  if (unreadableLines > UNREADABLE_TOLD)
    listener.onNote?.(`${unreadableLines} lines of the result files cannot be read`);
  const answers = (count: number): string => (count === 1 ? '1 answer' : `${count} answers`);
  if (duplicates > 0)
    listener.onNote?.(`${answers(duplicates)} came a second time for the same request; the first one counts`);
  if (unexpected > 0)
    listener.onNote?.(
      `${answers(unexpected)} came that nobody asked for; they are at the end of the results`,
    );
}

/** A file of the user's name is only replaced if this run wrote it, or the user said so. */
async function openUserOutput({ settings, state }: RunContext): Promise<Output | undefined> {
  if (!settings.output) return undefined;
  const { path } = settings.output;
  const force = settings.output.force || state.wroteOutputs.has(path);
  await requireFreeName(path, { force });
  return await openOutput(path, { force });
}

async function joinInput({ settings, signal }: RunContext): Promise<JoinInput | undefined> {
  const { input } = settings;
  if (!settings.output || input.kind !== 'table') return undefined;
  await requireSameInput(settings, signal);
  const { format, delimiter, encoding, idColumn } = input.table;
  return await openJoinInput({
    path: input.path,
    name: input.name,
    format,
    delimiter,
    encoding,
    idColumn,
    signal,
  });
}

/** Every row of the input has a request, so that the input alone tells which were asked. */
function asksAll({ settings, state }: RunContext): boolean {
  if (settings.input.kind !== 'table') return false;
  const { where, limit, sample } = settings.input.table;
  return where === undefined && limit === undefined && sample === undefined && state.skipped === 0;
}

/** The batch of all answers, where there is only one: rows do not name it then. */
function theOnlyBatch({ state }: RunContext): string | undefined {
  const batches = collectedBatches(state);
  return batches.length === 1 ? batches[0]?.id : undefined;
}

async function* idsInOrder(run: RunContext, ordered: boolean): AsyncGenerator<string[]> {
  const { state, paths, session } = run;
  if (ordered && state.lists > 1) {
    for await (const block of askedRequests(run)) yield block.map(({ customId }) => customId);
    return;
  }
  const provider = await session.local();
  for (const { file } of plannedShards(state.shards.values())) {
    const path = join(paths.folder, file);
    yield* readRequestIds(provider, readFileBlocks(path, run), path);
  }
}

interface Writers {
  results: HashedFile;
  receipts: HashedFile;
  sink: ResultSink | undefined;
  later: LaterRequests;
}

/** Rows and requests come in the same order; answers that nobody asked for come at the end, and have no receipt. */
async function writeRows(
  run: RunContext,
  rows: AsyncIterable<BatchResult[]>,
  { results, receipts, sink, later }: Writers,
): Promise<void> {
  const { prices, settings } = run;
  const allAsked = oneByOne(askedRequests(run));
  const onlyBatch = theOnlyBatch(run);
  let written = 0;
  try {
    for await (const block of rows) {
      for (const row of block) {
        const next = allAsked.next();
        const asked = next instanceof Promise ? await next : next;
        const line = toJson(toResultRecord({ ...row, input: undefined }));
        let full = results.write(`${line}\n`);
        if (full) await full;
        if (asked) {
          const resultSha256 = sha256(line);
          const { model } = settings;
          const receipt = toReceipt({ row, asked, resultSha256, later, prices, model, onlyBatch });
          full = receipts.write(`${JSON.stringify(receipt)}\n`);
          if (full) await full;
        }
        written += 1;
        if (written % PROGRESS_EVERY === 0) run.listener.onWork?.('writing results', written);
      }
      await sink?.add(block);
    }
  } finally {
    await allAsked.close();
  }
}

/** A schema's transforms may make what JSON cannot hold. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
}

/** A file that knows the hash of what went into it. */
interface HashedFile {
  write(text: string): Promise<void> | undefined;
  commit(): Promise<FileHash>;
  discard(): Promise<void>;
}

async function openHashed(path: string): Promise<HashedFile> {
  const output = await openOutput(path, { force: true });
  const hash = createHash('sha256');
  return {
    write(text) {
      hash.update(text);
      return output.write(text);
    },
    async commit() {
      const { bytes } = output;
      await output.commit();
      return { bytes, sha256: hash.digest('hex') };
    },
    discard: () => output.discard(),
  };
}
