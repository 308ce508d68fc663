import type { BatchProblem } from '@instructor-cli/provider-kit';
import { readRequests } from '../plan/read-requests.js';
import { record, type RunContext } from '../run-context.js';
import { leaveOutRefused } from '../send/split-shard.js';
import { learnLimit } from '../send/submit-shard.js';
import type { EndedBatch, StopCode } from '../store/events.js';
import type { ShardState } from '../store/run-state.js';

/** What a batch that failed as a whole means for its shard and for the run. */
export type Judged =
  { then: 'collect' } | { then: 'go-on' } | { then: 'stop'; code: StopCode; message: string };

/**
 * A batch that failed before any request was answered cost nothing: its shard waits to be sent again, whole, in parts
 * or without the requests that the provider names. Where sending again would not help the run stops: `onStop` is told
 * before the shard waits again.
 */
export async function judgeEnded(
  run: RunContext,
  shard: ShardState,
  batch: EndedBatch,
  onStop: () => void,
): Promise<Judged> {
  const answers = batch.files.some(({ kind }) => kind !== 'input');
  if (batch.status !== 'failed' || answers) return { then: 'collect' };
  const told = batch.problems.find(({ obstacle }) => obstacle !== undefined);
  const message = describe(batch);
  if (told?.obstacle) {
    const { obstacle } = told;
    await learnLimit(run, told);
    if (obstacle === 'billing') onStop();
    await record(run, { event: 'returned', shard: shard.id, batch: batch.id, obstacle, message });
    return obstacle === 'billing' ? { then: 'stop', code: 'billing', message } : { then: 'go-on' };
  }
  const refused = batch.problems.filter(({ line }) => line !== undefined);
  if (refused.length > 0 && (await leaveOutLines(run, shard, refused, message))) return { then: 'go-on' };
  onStop();
  await record(run, { event: 'returned', shard: shard.id, batch: batch.id, message });
  return { then: 'stop', code: 'refused', message: `Batch ${batch.id} failed: ${message}` };
}

/** False if the lines are not in the file, or nothing would be left of it. */
async function leaveOutLines(
  run: RunContext,
  shard: ShardState,
  refused: readonly BatchProblem[],
  message: string,
): Promise<boolean> {
  const byLine = new Map(refused.map((problem) => [problem.line, problem.message]));
  const rows: { id: string; message: string }[] = [];
  let line = 0;
  for await (const block of readRequests(run, [shard])) {
    for (const { customId } of block) {
      line += 1;
      const reason = byLine.get(line);
      if (reason !== undefined) rows.push({ id: customId, message: reason });
    }
  }
  if (rows.length === 0) return false;
  const all = rows.length === shard.requests;
  // All of them, and nothing was answered before: it is hardly the rows that are wrong.
  if (all && !isKnownToWork(run)) return false;
  await record(run, { event: 'rows-refused', shard: shard.id, rows });
  if (all) {
    await record(run, { event: 'given-up', shard: shard.id, why: message });
    return true;
  }
  await leaveOutRefused(run, shard, message);
  return true;
}

/** Other rows were answered, or taken while some were refused. */
function isKnownToWork({ state }: RunContext): boolean {
  return state.in('collected').length > 0 || state.refusedRows.size > 0;
}

function describe({ problems, status, rawStatus }: EndedBatch): string {
  const [first] = problems;
  if (!first) return `no reason given (${rawStatus || status})`;
  const place = first.line === undefined ? '' : `line ${first.line}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return `${place}${first.message}${more}`;
}
