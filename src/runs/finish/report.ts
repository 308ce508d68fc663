import type { Outcome } from '@instructor-cli/provider-kit';
import { formatDollars } from '../../core/format-dollars.js';
import type { RunContext } from '../run-context.js';
import type { ShardState } from '../store/run-state.js';
import type { RunOutcome } from './write-outcome.js';

/** report.md: what was asked, what came of it and what it cost. */
export function renderReport(run: RunContext, { summary, output }: RunOutcome): string {
  const { settings, state } = run;
  const { input, policy } = settings;
  const lines = [
    `# Run ${oneLine(settings.name)}`,
    '',
    ...list({
      Asked: `${count(state.requests)} rows of ${code(input.name)}, ${settings.provider}/${settings.model}`,
      'Input SHA-256': code(input.sha256),
      'Response model': settings.schema && code(settings.schema.reference),
      'Left out before':
        state.skipped > 0 ? `${count(state.skipped)} bad rows, in ${code('skipped.jsonl')}` : undefined,
      Began: state.begun,
      Ended: new Date().toISOString(),
      Stopped: state.stopped && `${state.stopped.message} (${state.stopped.code})`,
      Deadline: policy.deadline && `${policy.deadline}${state.deadlineReached ? ', reached' : ''}`,
      Output: output && code(output.path),
    }),
    '',
    '## Outcomes',
    '',
    '| Outcome | Rows |',
    '| --- | ---: |',
    ...summary.counts.map(([outcome, rows]) => `| ${outcome satisfies Outcome} | ${count(rows)} |`),
    '',
    ...reasons(summary),
    '## Cost',
    '',
    ...list({
      'Tokens in': `${count(summary.usage.inputTokens)} (${count(summary.usage.cachedInputTokens)} cached)`,
      'Tokens out': `${count(summary.usage.outputTokens)} (${count(summary.usage.reasoningTokens)} reasoning)`,
      Cost: cost(summary),
      'Estimated before': estimate(run),
    }),
    '',
    '## Batches',
    '',
    '| Shard | Round | Batch | Status | Requests | Tokens in, estimated | Cost | Time |',
    '| --- | ---: | --- | --- | ---: | ---: | ---: | ---: |',
    ...state.active.map((shard) => batchRow(shard)),
    ...directRow(run),
    '',
    'A line for every row is in `receipts.jsonl`; `instructor batch run verify` checks them against the files.',
    '',
  ];
  return lines.join('\n');
}

function list(facts: Record<string, string | undefined>): string[] {
  return Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`- ${name}: ${oneLine(value)}`],
  );
}

function reasons(summary: RunOutcome['summary']): string[] {
  if (summary.reasons.length === 0) return [];
  return [
    '## Reasons',
    '',
    '| Rows | Outcome | Reason | Example |',
    '| ---: | --- | --- | --- |',
    ...summary.reasons
      .slice(0, 20)
      .map(
        ({ count: rows, outcome, type, message, example }) =>
          `| ${count(rows)} | ${outcome} | ${cell(`${type}: ${message}`)} | ${cell(example)} |`,
      ),
    '',
  ];
}

function cost({ costUsd, unpriced, prices }: RunOutcome['summary']): string {
  if (!prices || unpriced.size > 0) return `unknown; at least ${formatDollars(costUsd)}`;
  return `${formatDollars(costUsd)} at prices of ${prices.date}`;
}

function estimate({ state }: RunContext): string {
  const { facts } = state;
  const planned = [...state.shards.values()].filter(
    ({ round, partOf }) => round === 1 && partOf === undefined,
  );
  const most = planned.reduce<number | undefined>(
    (sum, { mostUsd }) => (sum === undefined || mostUsd === undefined ? undefined : sum + mostUsd),
    0,
  );
  const input = facts?.inputUsd === undefined ? 'input unknown' : `input ${formatDollars(facts.inputUsd)}`;
  return `${input}, ${most === undefined ? 'the longest answers unknown' : `at most ${formatDollars(most)}`}`;
}

function batchRow(shard: ShardState): string {
  const { ended, usd } = shard;
  const created = Date.parse(ended?.created ?? '');
  const time = (Date.parse(ended?.ended ?? '') - created) / 1000;
  const cells = [
    shard.id,
    String(shard.round),
    shard.batch === undefined ? '-' : code(shard.batch),
    ended?.status ?? shard.phase,
    count(shard.requests),
    shard.tokens === undefined ? '-' : count(shard.tokens),
    usd === undefined ? '-' : formatDollars(usd),
    Number.isFinite(time) ? `${Math.round(time)} s` : '-',
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function directRow({ state }: RunContext): string[] {
  const { direct } = state;
  if (!direct) return [];
  const usd = direct.usd === undefined ? '-' : formatDollars(direct.usd);
  return [
    `| direct | - | outside of batches | ${direct.file ? 'completed' : 'open'} | ${count(direct.rows)} | - | ${usd} | - |`,
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** What comes from a provider or a model must not end a cell, nor a line. */
function cell(text: string): string {
  return oneLine(text).replaceAll('|', '\\|');
}

/** Nor move the cursor, or turn the direction of text, where the file is shown on a terminal. */
function oneLine(text: string): string {
  return text.replace(CONTROL, ' ');
}

const CONTROL =
  // eslint-disable-next-line no-control-regex -- exactly these are what must not get into the file
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
