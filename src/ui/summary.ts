import type { Outcome } from '@instructor-cli/provider-kit';
import type { ResultSummary } from '../core/result-summary.js';
import { formatCount, plural } from './format.js';
import { paint, writeErr, type Style } from './terminal.js';
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

/** What came of a batch, by outcome and reason. */
export function printSummary(summary: ResultSummary): void {
  const counts = summary.counts.map(([outcome, count]) =>
    paint(process.stderr, STYLES[outcome], `${formatCount(count)} ${outcome}`),
  );
  writeErr(`${plural(summary.total, 'row')}: ${counts.join(', ') || 'none'}`);
  for (const { outcome, type, message, count, example } of summary.reasons.slice(0, REASONS_SHOWN)) {
    const said = message.length > 120 ? `${message.slice(0, 117)}...` : message;
    writeErr(
      `  ${formatCount(count)} × ${outcome} (${visible(type)}): ${visible(said)} [${visible(example)}]`,
    );
  }
  const hidden = summary.reasons.length - REASONS_SHOWN;
  if (hidden > 0) writeErr(`  … and ${plural(hidden, 'other reason')}`);
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = summary.usage;
  if (inputTokens + outputTokens > 0) {
    const cached = cachedInputTokens > 0 ? ` (${formatCount(cachedInputTokens)} cached)` : '';
    const reasoning = reasoningTokens > 0 ? ` (${formatCount(reasoningTokens)} reasoning)` : '';
    writeErr(`Tokens: ${formatCount(inputTokens)} in${cached}, ${formatCount(outputTokens)} out${reasoning}`);
  }
}
