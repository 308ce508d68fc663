import { AnswerBook } from '../../core/answer-book.js';
import type { CollectOptions } from '../../core/collect-results.js';
import { ResultSummary } from '../../core/result-summary.js';
import { IdTable } from '../../rows/id-table.js';
import { readRequests } from '../plan/read-requests.js';
import type { RunContext } from '../run-context.js';
import { answerReader, collectedBatches, localProvider } from './local-answers.js';
import type { RowError } from '@instructor-cli/provider-kit';

/** What reading all answers of the run takes. */
export async function collectOptions(
  run: RunContext,
  summary = new ResultSummary(run.prices),
): Promise<CollectOptions> {
  return {
    provider: await localProvider(run),
    name: run.session.declaration.name,
    batches: collectedBatches(run.state),
    readRow: await answerReader(run),
    summary,
    whyMissing: await missingReasons(run),
    signal: run.signal,
  };
}

/** The same, opened to be asked by custom id. */
export async function openAnswers(run: RunContext): Promise<AnswerBook> {
  return await AnswerBook.open(await collectOptions(run));
}

/** Why a row without any answer has none, where the run knows it. */
async function missingReasons(run: RunContext): Promise<(customId: string) => RowError | undefined> {
  const { state } = run;
  const { refusedRows } = state;
  const without: { ids: IdTable; error: RowError }[] = [];
  for (const shard of state.in('given-up'))
    without.push({
      ids: await idsOf(run, [shard]),
      error: { type: 'not_answered', message: shard.why ?? 'Its batch was given up', retryable: false },
    });
  const unsent = state.in('waiting');
  if (unsent.length > 0)
    without.push({
      ids: await idsOf(run, unsent),
      error: { type: 'not_sent', message: whyNotSent(run), retryable: true },
    });
  return (customId) => {
    const refused = refusedRows.get(customId);
    if (refused !== undefined) return { type: 'refused_line', message: refused, retryable: false };
    return without.find(({ ids }) => ids.find(customId) !== -1)?.error;
  };
}

function whyNotSent({ state }: RunContext): string {
  if (state.cancelled) return 'The run was cancelled before this was sent';
  if (state.deadlineReached) return 'The deadline came before this was sent';
  return state.stopped ? `Not sent: ${state.stopped.message}` : 'Not sent yet';
}

async function idsOf(run: RunContext, shards: Parameters<typeof readRequests>[1]): Promise<IdTable> {
  const ids = new IdTable();
  for await (const block of readRequests(run, shards)) for (const { customId } of block) ids.add(customId);
  return ids;
}
