import { collectResults } from '../../core/collect-results.js';
import { ResultSummary } from '../../core/result-summary.js';
import type { RunEnd } from '../conduct/run-end.js';
import { readRequests } from '../plan/read-requests.js';
import { record, type RunContext } from '../run-context.js';
import type { ShardState } from '../store/run-state.js';
import { answerReader, collectedBatches, localProvider } from './local-answers.js';

/** Looks at the answers to the first rows as soon as all of them are there. The rest is sent only if they will do. */
export async function judgeCanary(run: RunContext): Promise<RunEnd | undefined> {
  const { state, settings } = run;
  const canaries = state.active.filter(({ canary }) => canary);
  if (!canaries.every(({ phase }) => phase === 'collected' || phase === 'given-up')) return undefined;
  const summary = await judge(run, canaries);
  const requests = summary.total;
  const failed = requests - summary.succeeded;
  const usd = summary.unpriced.size === 0 && run.prices ? summary.costUsd : undefined;
  const verdict = verdictOn({ requests, failed, usd }, settings.policy, state.requests);
  const message = verdict ?? `${requests - failed} of ${requests} rows of the canary have a good answer`;
  await record(run, { event: 'canary', passed: verdict === undefined, failed, requests, usd, message });
  if (verdict === undefined) return undefined;
  const [reason] = summary.reasons;
  const example = reason ? `. Most often: ${reason.message} (${reason.example})` : '';
  return { kind: 'stopped', code: 'canary', message: `${verdict}${example}` };
}

/** Undefined: it may go on. */
function verdictOn(
  { requests, failed, usd }: { requests: number; failed: number; usd: number | undefined },
  { maxFailures, maxCostUsd }: RunContext['settings']['policy'],
  all: number,
): string | undefined {
  const share = requests === 0 ? 1 : failed / requests;
  if (share > maxFailures)
    return `${failed} of ${requests} rows of the canary failed, more than ${percent(maxFailures)}`;
  if (maxCostUsd === undefined || usd === undefined || requests === 0) return undefined;
  const projected = (usd / requests) * all;
  if (projected <= maxCostUsd) return undefined;
  return `At what the canary cost, all rows would cost $${projected.toFixed(2)}, more than $${maxCostUsd}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

async function judge(run: RunContext, canaries: readonly ShardState[]): Promise<ResultSummary> {
  const summary = new ResultSummary(run.prices);
  const ids = new Set(canaries.flatMap(({ batch }) => batch ?? []));
  const batches = collectedBatches(run.state).filter(({ id }) => ids.has(id));
  const rows = collectResults({
    provider: await localProvider(run),
    name: run.session.declaration.name,
    batches,
    readRow: await answerReader(run),
    summary,
    requestIds: requestIds(run, canaries),
    signal: run.signal,
  });
  for await (const _ of rows);
  return summary;
}

async function* requestIds(run: RunContext, shards: readonly ShardState[]): AsyncGenerator<string[]> {
  for await (const block of readRequests(run, shards)) yield block.map(({ customId }) => customId);
}
