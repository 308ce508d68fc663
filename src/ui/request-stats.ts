import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { RequestStats } from '../core/request-stats.js';
import { visible } from '../text/visible.js';
import { formatBytes, formatCount, plural } from './format.js';
import { paint } from './terminal.js';

const LABEL = 20;
const MODELS_SHOWN = 5;

/** What a request file comes to, a line for each fact. */
export function renderStats(file: string, provider: ProviderDeclaration, stats: RequestStats): string {
  const { tokens, images } = stats;
  const lines: string[] = [];
  const add = (label: string, value: string): void => {
    lines.push(`${paint(process.stdout, 'bold', label.padEnd(LABEL))}${visible(value)}`);
  };
  add('File', file);
  add('Provider', provider.name);
  add('Requests', formatCount(stats.requests));
  add('Size', formatBytes(stats.bytes));
  add(stats.models.length === 1 ? 'Model' : 'Models', describeModels(stats.models));
  if (stats.endpoint !== undefined) add('Endpoint', stats.endpoint);
  add('Tokens in', describeTokens(tokens));
  if (tokens.requests > 0) {
    const { mean, median, p95, max } = tokens;
    add(
      'Tokens a request',
      `mean ${formatCount(Math.round(mean))}, median ${formatCount(median)}, 95 % up to ${formatCount(p95)}, most ${formatCount(max)}`,
    );
  }
  add('Tokens out', describeOutput(stats));
  if (images > 0) add('Images and the like', `${formatCount(images)}, not counted as tokens`);
  for (const [index, text] of describeBatches(provider, stats).entries()) {
    add(index === 0 ? 'Batches needed' : '', text);
  }
  for (const [index, { line, customId, tokens: count }] of stats.longest.entries()) {
    const id = customId === undefined ? '' : ` (${customId})`;
    add(index === 0 ? 'Longest requests' : '', `line ${line}${id}: ${plural(count, 'token')}`);
  }
  return lines.join('\n');
}

function describeModels(models: RequestStats['models']): string {
  if (models.length === 1) return models[0]?.[0] || '-';
  const shown = models
    .slice(0, MODELS_SHOWN)
    .map(([model, count]) => `${model || '-'} (${formatCount(count)})`);
  const hidden = models.length - MODELS_SHOWN;
  return `${shown.join(', ')}${hidden > 0 ? ` … and ${plural(hidden, 'other')}` : ''}`;
}

/** Names the tokenizer, and says how far to trust it. */
function describeTokens(tokens: RequestStats['tokens']): string {
  if (tokens.requests === 0) return '-';
  const names = tokens.encodings.join(', ');
  if (tokens.errorPercent === undefined) return `${formatCount(tokens.total)} (${names})`;
  const { estimated } = tokens;
  const others = estimated.length > 1 ? ` and ${plural(estimated.length - 1, 'other model')}` : '';
  return `about ${formatCount(tokens.total)} (${names}, ±${tokens.errorPercent} %: the tokenizer of ${estimated[0] ?? ''}${others} is not public)`;
}

function describeOutput({ output, requests }: RequestStats): string {
  if (output.unlimited === requests) return 'no request sets a limit';
  const without =
    output.unlimited === 0 ? '' : `, and ${plural(output.unlimited, 'request')} without a limit`;
  return `at most ${formatCount(output.total)}${without}`;
}

function describeBatches({ limits }: ProviderDeclaration, stats: RequestStats): string[] {
  const bounds = [
    ...(limits.requests === undefined ? [] : [plural(limits.requests, 'request')]),
    ...(limits.bytes === undefined ? [] : [formatBytes(limits.bytes)]),
    ...(limits.oneModelPerBatch ? ['one model'] : []),
  ];
  const by = bounds.length === 0 ? '' : ` (a batch holds ${bounds.join(', ')})`;
  const lines = [`${formatCount(stats.batches)}${by}`];
  const { batchesByTokens } = stats;
  if (batchesByTokens) {
    const { batches, maxTokens, tooLarge } = batchesByTokens;
    const alone = tooLarge === 0 ? '' : `; ${plural(tooLarge, 'request')} alone with more`;
    lines.push(`${formatCount(batches)} with at most ${plural(maxTokens, 'token')} in each${alone}`);
  }
  return lines;
}

/** The same for `--json`. */
export function statsToJson(stats: RequestStats): Record<string, unknown> {
  const { tokens, output, batchesByTokens } = stats;
  return {
    requests: stats.requests,
    bytes: stats.bytes,
    endpoint: stats.endpoint ?? null,
    models: stats.models.map(([model, requests]) => ({ model, requests })),
    input_tokens: {
      total: tokens.total,
      requests: tokens.requests,
      mean: Math.round(tokens.mean * 10) / 10,
      median: tokens.median,
      p95: tokens.p95,
      max: tokens.max,
      encodings: tokens.encodings,
      error_percent: tokens.errorPercent ?? null,
      estimated_models: tokens.estimated,
      uncounted_models: tokens.uncounted,
    },
    max_output_tokens: { total: output.total, requests_without_limit: output.unlimited },
    images: stats.images,
    longest: stats.longest.map(({ line, customId, tokens: count }) => ({
      line,
      custom_id: customId ?? null,
      tokens: count,
    })),
    batches: stats.batches,
    batches_by_tokens: batchesByTokens
      ? {
          batches: batchesByTokens.batches,
          max_tokens: batchesByTokens.maxTokens,
          requests_too_large: batchesByTokens.tooLarge,
        }
      : null,
    problems: stats.problems.total,
  };
}
