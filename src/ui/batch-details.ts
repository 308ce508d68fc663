import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { hasEnded } from '@instructor-cli/provider-kit';
import { formatCount, formatDuration, formatMoment } from './format.js';
import { paint } from './terminal.js';
import { visible } from '../text/visible.js';

const LABEL = 20;

/** Everything that is known of a batch, a line each; what is not known has no line. */
export function renderBatch(provider: ProviderDeclaration, batch: Batch): string {
  const lines: string[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined)
      lines.push(`${paint(process.stdout, 'bold', label.padEnd(LABEL))}${visible(value)}`);
  };
  add('Batch', batch.id);
  add('Provider', provider.name);
  add('Status', statusOf(batch));
  add('Endpoint', batch.endpoint);
  add('Model', batch.model);
  add('Completion window', batch.completionWindow);
  addTimes(batch, add);
  for (const name of Object.keys(batch.counts)) add(capitalised(name), formatCount(batch.counts[name]));
  addUsage(batch, add);
  for (const [key, value] of Object.entries(batch.metadata ?? {})) add('Metadata', `${key} = ${value}`);
  for (const { kind, id } of batch.files) if (id !== batch.id) add(`${capitalised(kind)} file`, id);
  for (const { line, code, message, param } of batch.problems) {
    const where = line === undefined ? '' : `line ${line}: `;
    const about = [code, param].filter((part) => part !== undefined).join(', ');
    add('Problem', `${where}${message}${about === '' ? '' : ` (${about})`}`);
  }
  return lines.join('\n');
}

function statusOf({ status, rawStatus, unknownStatus }: Batch): string {
  if (unknownStatus) return `${rawStatus} (unknown to this version)`;
  return rawStatus === status ? status : `${status} (${rawStatus})`;
}

function addTimes({ status, times }: Batch, add: (label: string, value: string | undefined) => void): void {
  const moment = (date: Date | undefined): string | undefined => date && formatMoment(date);
  add('Created', moment(times.created));
  add('Started', moment(times.started));
  add('Finalizing', moment(times.finalizing));
  add('Cancel asked', moment(times.cancelling));
  add('Ended', moment(times.ended));
  if (times.started && times.ended)
    add('Duration', formatDuration(times.ended.getTime() - times.started.getTime()));
  add(hasEnded(status) ? 'Would have expired' : 'Expires', moment(times.expires));
  add('Archived', moment(times.archived));
}

function addUsage({ usage }: Batch, add: (label: string, value: string | undefined) => void): void {
  if (!usage) return;
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = usage;
  const part = (count: number | undefined, word: string): string =>
    count ? `, ${formatCount(count)} ${word}` : '';
  add('Tokens in', `${formatCount(inputTokens)}${part(cachedInputTokens, 'of them cached')}`);
  add('Tokens out', `${formatCount(outputTokens)}${part(reasoningTokens, 'of them reasoning')}`);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
