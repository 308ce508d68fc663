import type { Outcome } from '@instructor-cli/provider-kit';
import { canContinue, withComplaints } from '../../core/follow-up.js';
import type { BatchResult } from '../../core/result-row.js';
import { decideRetry, type RetryDecision } from '../../core/retry-decision.js';
import { plannedShards, readRequests } from '../plan/read-requests.js';
import { RequestPrice } from '../plan/request-price.js';
import { ShardWriter } from '../plan/shard-writer.js';
import { batchLimits, record, requestTarget, type RunContext } from '../run-context.js';
import { nextNumber } from '../send/split-shard.js';
import { openAnswers } from './open-answers.js';

/** Failures of these kinds may pass by themselves. */
const PASSING: ReadonlySet<Outcome> = new Set<Outcome>(['errored', 'expired', 'cancelled', 'missing']);
const COMPLAINABLE: ReadonlySet<Outcome> = new Set<Outcome>(['invalid', 'truncated']);

/** Makes requests of the rows that are worth another try. Gives how many there are. */
export async function healRun(run: RunContext): Promise<number> {
  const { state, session } = run;
  const { round } = state;
  const target = await requestTarget(run);
  const writer = new ShardWriter({
    ...target,
    folder: run.paths.folder,
    limits: batchLimits(run),
    byModel: session.declaration.limits.oneModelPerBatch === true,
    price: new RequestPrice({ ...target, prices: run.prices, exact: true }),
    firstNumber: nextNumber(run),
    round: round + 1,
    firstList: state.lists,
  });
  let reasked = 0;
  const book = await openAnswers(run);
  try {
    for await (const block of readRequests(run, plannedShards(state.shards.values()))) {
      run.signal.throwIfAborted();
      for (const { text, customId } of block) {
        const answer = book.answerTo(customId);
        if (answer === undefined) continue;
        const row = answer instanceof Promise ? await answer : answer;
        const decision = decide(run, row, round);
        if (decision.act !== 'again' && decision.act !== 'reask') continue;
        const request: unknown = JSON.parse(text);
        const again = decision.act === 'reask' ? complained(run, target.provider, request, row) : request;
        if (decision.act === 'reask') reasked += 1;
        const line = decision.act === 'reask' ? JSON.stringify(again) : text;
        const full = writer.add(`${line}\n`, again);
        if (full instanceof Promise) await full;
      }
    }
    const { shards, requests } = await writer.finish();
    await record(run, { event: 'healed', round, shards, again: requests, reasked });
    return requests;
  } finally {
    await book.close();
    await writer.discard();
  }
}

/** A row that does not fit is asked again with the complaint; one that failed in passing as it was. */
function decide(run: RunContext, row: BatchResult, round: number): RetryDecision {
  const { reask, maxAttempts } = run.settings.policy;
  const complaints = [row, ...(row.otherAttempts ?? []).map((other) => other.row)].filter(({ outcome }) =>
    COMPLAINABLE.has(outcome),
  ).length;
  if (COMPLAINABLE.has(row.outcome))
    return complaints <= reask ? { act: 'reask' } : { act: 'leave', why: 'asked often enough' };
  // Rounds, since a row that was in no result file has no attempt to count; complaints have their own limit.
  if (round - Math.min(reask, complaints) >= maxAttempts) return { act: 'leave', why: 'asked often enough' };
  // One that broke off after a complaint goes on from there.
  const rules = { outcomes: PASSING, includeLasting: false, reask: reask > 0, maxAttempts: Infinity };
  return decideRetry(row, rules, 1);
}

function complained(
  run: RunContext,
  provider: Parameters<typeof canContinue>[0],
  request: unknown,
  row: BatchResult,
): unknown {
  if (canContinue(provider)) return withComplaints(provider, request, row, undefined);
  run.listener.onNote?.(
    `The plugin for ${run.session.declaration.name} cannot continue a conversation: rows are asked again as they were`,
  );
  return request;
}
