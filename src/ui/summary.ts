import type { Outcome } from '@instructor-cli/provider-kit';
import type { ResultSummary } from '../core/result-summary.js';
import { formatCount, formatDollars, plural } from './format.js';
import { paint, writeErr, writeOut, type Style } from './terminal.js';
import { visible } from '../text/visible.js';

const STYLES: Record<Outcome, Style> = {
  succeeded: 'green',
  invalid: 'red',
  refused: 'yellow',
  truncated: 'yellow',
  errored: 'red',
  cancelled: 'gray',
  expired: 'magenta',
  missing: 'red',
};

const REASONS_SHOWN = 5;

/** What came of a batch, by outcome and reason: on standard output where it is all that was asked for. */
export function printSummary(summary: ResultSummary, { toStandardOutput = false } = {}): void {
  const [stream, write] = toStandardOutput ? [process.stdout, writeOut] : [process.stderr, writeErr];
  const counts = summary.counts.map(([outcome, count]) =>
    paint(stream, STYLES[outcome], `${formatCount(count)} ${outcome}`),
  );
  write(`${plural(summary.total, 'row')}: ${counts.join(', ') || 'none'}`);
  printReasons(summary, write);
  if (summary.askedAgain > 0) write(`${plural(summary.askedAgain, 'row')} had more than one attempt`);
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = summary.usage;
  if (inputTokens + outputTokens > 0) {
    const cached = cachedInputTokens > 0 ? ` (${formatCount(cachedInputTokens)} cached)` : '';
    const reasoning = reasoningTokens > 0 ? ` (${formatCount(reasoningTokens)} reasoning)` : '';
    write(`Tokens: ${formatCount(inputTokens)} in${cached}, ${formatCount(outputTokens)} out${reasoning}`);
    write(costLine(summary));
  }
}

/** What is not known is said to be unknown, never left out of the sum in silence. */
function costLine({ costUsd, unpriced, prices }: ResultSummary): string {
  const models = [...unpriced.keys()].map(visible).join(', ');
  if (!prices || (unpriced.size > 0 && costUsd === 0))
    return `Cost: unknown, there is no price for ${models}`;
  const known = `Cost: ${formatDollars(costUsd)} at batch prices of ${prices.date}`;
  if (unpriced.size === 0) return known;
  const rows = [...unpriced.values()].reduce((sum, count) => sum + count, 0);
  return `${known}, and ${plural(rows, 'answer')} of unknown price (${models})`;
}

/** The most frequent reasons, each with a row to look at. */
export function printReasons(summary: ResultSummary, write: (text: string) => void = writeErr): void {
  for (const { outcome, type, message, count, example } of summary.reasons.slice(0, REASONS_SHOWN)) {
    const said = message.length > 120 ? `${message.slice(0, 117)}...` : message;
    write(`  ${formatCount(count)} × ${outcome} (${visible(type)}): ${visible(said)} [${visible(example)}]`);
  }
  const hidden = summary.reasons.length - REASONS_SHOWN;
  if (hidden > 0) write(`  … and ${plural(hidden, 'other reason')}`);
}
