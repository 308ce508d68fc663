import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { Conversion } from '../core/request-converter.js';
import { visible } from '../text/visible.js';
import { formatBytes, plural } from './format.js';
import { note, say, warn } from './notes.js';

/** What came of a conversion, and first what did not. */
export function printConversion({ name }: ProviderDeclaration, model: string, conversion: Conversion): void {
  const { leftOut, notes, sourceModels, requests, bytes, tooMuch } = conversion;
  for (const [part, count] of leftOut) {
    warn(`${part} has no counterpart at ${name} (${model}): left out of ${plural(count, 'request')}`);
  }
  for (const [text, count] of notes) note(`${text} (${plural(count, 'request')})`);
  for (const { message, fix } of tooMuch) note(`${message}: ${fix} before it is submitted`);
  if (sourceModels.length > 1) {
    note(`The requests asked ${plural(sourceModels.length, 'model')}, and now ask ${model} alone`);
  }
  say(visible(`Wrote ${plural(requests, 'request')} for ${name} (${model}), ${formatBytes(bytes)}`));
}

/** The same for `--json`. */
export function conversionToJson(conversion: Conversion): Record<string, unknown> {
  const { requests, bytes, endpoint, leftOut, notes, sourceModels, tooMuch } = conversion;
  return {
    endpoint: endpoint ?? null,
    requests,
    bytes,
    one_batch: tooMuch.length === 0,
    from_models: sourceModels,
    left_out: leftOut.map(([name, count]) => ({ name, requests: count })),
    notes: notes.map(([message, count]) => ({ message, requests: count })),
  };
}
