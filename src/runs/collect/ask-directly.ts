import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchProvider } from '@instructor-cli/provider-kit';
import { costOf } from '../../core/cost.js';
import { decideRetry } from '../../core/retry-decision.js';
import { cutHalfLine } from '../../rows/cut-half-line.js';
import { IdTable } from '../../rows/id-table.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { readLines } from '../../rows/read-lines.js';
import { openOutput } from '../../rows/output-file.js';
import { Pauses } from '../conduct/pauses.js';
import type { RunEnd } from '../conduct/run-end.js';
import { isCredentials, isPassing } from '../passing-error.js';
import { plannedShards, readRequests, type RequestText } from '../plan/read-requests.js';
import { RequestPrice } from '../plan/request-price.js';
import { record, requestTarget, type RunContext } from '../run-context.js';
import { hashFile } from '../send/shard-source.js';
import type { AnswerCounts } from './collect-shard.js';
import { openAnswers } from './open-answers.js';

const REQUESTS = 'requests/direct.jsonl';
const ANSWERS = 'answers/direct.jsonl';

/**
 * After the deadline: asks the rows that have no answer through the provider's ordinary API, a few at the same time.
 * Each answer is on disk before the next request of its place is sent; a process that takes over asks only the rest.
 */
export async function askDirectly(run: RunContext): Promise<RunEnd | undefined> {
  const { state, paths } = run;
  if (!state.direct) {
    const rows = await writeRequests(run);
    if (rows === 0) return undefined;
    await record(run, { event: 'asking', rows, requests: REQUESTS, answers: ANSWERS });
  }
  if (state.direct?.file) return undefined;
  const path = join(paths.folder, ANSWERS);
  await mkdir(dirname(path), { recursive: true });
  const counts: AnswerCounts = { succeeded: 0, failed: 0, usd: 0 };
  const done = await answered(run, path, counts);
  const end = await askAll(run, path, done, counts);
  if (end) return end;
  const { bytes, sha256 } = await hashFile(path, run.signal);
  const file = { kind: 'output' as const, id: ANSWERS, path: ANSWERS, bytes, sha256 };
  await record(run, { event: 'asked', requests: REQUESTS, file, ...counts });
  return undefined;
}

async function writeRequests(run: RunContext): Promise<number> {
  const output = await openOutput(join(run.paths.folder, REQUESTS), { force: true });
  const book = await openAnswers(run);
  let rows = 0;
  try {
    for await (const block of readRequests(run, plannedShards(run.state.shards.values()))) {
      for (const { text, customId } of block) {
        const answer = book.answerTo(customId);
        const row = answer instanceof Promise ? await answer : answer;
        if (!row || decideRetry(row, RULES, 1).act !== 'again') continue;
        rows += 1;
        const full = output.write(`${text}\n`);
        if (full) await full;
      }
    }
    await output.commit();
    return rows;
  } finally {
    await book.close();
    await output.discard();
  }
}

/** What the deadline cut off, and what failed in passing. */
const RULES = {
  outcomes: new Set(['errored', 'expired', 'cancelled', 'missing'] as const),
  includeLasting: false,
  reask: false,
  maxAttempts: Infinity,
};

/** The custom ids that have an answer already; a last one that was half written is removed, and asked again. */
async function answered(run: RunContext, path: string, counts: AnswerCounts): Promise<IdTable> {
  const provider = await run.session.local();
  const ids = new IdTable();
  if (!(await cutHalfLine(path))) return ids;
  for await (const { lines } of readLines(readFileBlocks(path, run), path)) {
    for (const line of lines) {
      if (line === '') continue;
      const answer: unknown = JSON.parse(line);
      ids.add(provider.readResult(answer).customId);
      count(run, provider, answer, counts);
    }
  }
  return ids;
}

async function askAll(
  run: RunContext,
  path: string,
  done: IdTable,
  counts: AnswerCounts,
): Promise<RunEnd | undefined> {
  const target = await requestTarget(run);
  const { provider } = target;
  const price = new RequestPrice({ ...target, prices: run.prices, exact: true });
  const remote = await run.session.remote();
  const queue = requestsLeft(run, done);
  const file = await open(path, 'a');
  let end: RunEnd | undefined;
  let failed = false;
  let reserved = 0;
  const pauses = new Pauses(run.pace);
  const { maxCostUsd } = run.settings.policy;
  const worker = async (): Promise<void> => {
    for (;;) {
      if (end || failed) return;
      const next = await queue.next();
      if (next.done) return;
      const { text } = next.value;
      const request: unknown = JSON.parse(text);
      const { mostDirectUsd = 0 } = await price.estimate(request, text.length);
      if (
        maxCostUsd !== undefined &&
        run.state.spentUsd + (counts.usd ?? 0) + reserved + mostDirectUsd > maxCostUsd
      ) {
        end ??= {
          kind: 'stopped',
          code: 'budget',
          message: `The rows that are left would cost more than $${maxCostUsd} allows`,
        };
        return;
      }
      reserved += mostDirectUsd;
      const answer = await askOne(run, remote, request, pauses, () => failed || end !== undefined);
      reserved -= mostDirectUsd;
      if (answer === undefined) return;
      if ('end' in answer) {
        end ??= answer.end;
        return;
      }
      await file.appendFile(`${JSON.stringify(answer.line)}\n`);
      await file.datasync();
      count(run, provider, answer.line, counts);
      run.listener.onWork?.('asking', counts.succeeded + counts.failed);
    }
  };
  const place = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  try {
    // Each place finishes what it asks, since that is paid for, also when another one fails.
    const places = Array.from({ length: run.settings.policy.deadlineConcurrency }, place);
    const [failure] = (await Promise.allSettled(places)).filter(({ status }) => status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
  } finally {
    await file.close();
    await queue.return(undefined);
  }
  return end;
}

async function askOne(
  run: RunContext,
  provider: BatchProvider,
  request: unknown,
  pauses: Pauses,
  hasEnded: () => boolean,
): Promise<{ line: unknown } | { end: RunEnd } | undefined> {
  while (!hasEnded()) {
    try {
      const line = await provider.askNow?.(request, { signal: run.signal });
      pauses.reset();
      return { line };
    } catch (error) {
      if (run.signal.aborted) throw error;
      if (isPassing(error)) {
        const pause = pauses.next(error.retryAfterSeconds);
        run.listener.onTrouble?.(`${error.message}; asking again in ${(pause / 1000).toFixed(1)} s`);
        await sleep(pause, undefined, { signal: run.signal });
        continue;
      }
      const message = (error as Error).message;
      const code = isCredentials(error) ? 'credentials' : 'billing';
      if (isCredentials(error) || (error as { code?: string }).code === 'quota_exceeded')
        return { end: { kind: 'stopped', code, message, cause: error } };
      throw error;
    }
  }
  return undefined;
}

async function* requestsLeft(run: RunContext, done: IdTable): AsyncGenerator<RequestText> {
  const file = { file: REQUESTS } as Parameters<typeof readRequests>[1][number];
  for await (const block of readRequests(run, [file]))
    for (const request of block) if (done.find(request.customId) === -1) yield request;
}

function count(run: RunContext, provider: BatchProvider, line: unknown, counts: AnswerCounts): void {
  const { outcome, usage, model = run.settings.model } = provider.readResult(line);
  if (outcome === 'succeeded') counts.succeeded += 1;
  else counts.failed += 1;
  const usd = usage && run.prices && costOf(run.prices, model, usage, { batch: false });
  if (usage) counts.usd = usd === undefined || counts.usd === undefined ? undefined : counts.usd + usd;
}
