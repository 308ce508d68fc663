import type { Failure } from '../cli/describe-failure.js';
import { paint, writeErr } from './terminal.js';
import { visible } from '../text/visible.js';

/** What happened, what to do, and the provider's request id. */
export function printFailure(failure: Failure): void {
  const { message, details = [], hint, requestId, stack } = failure;
  // The user knows, having pressed Ctrl-C.
  if (failure.code === 'interrupted') return writeErr(paint(process.stderr, 'dim', message));
  const label = failure.note
    ? paint(process.stderr, 'cyan', 'Note:')
    : paint(process.stderr, 'red', 'Error:');
  writeErr(`${label} ${visible(message)}`);
  for (const line of details) writeErr(`  ${visible(line)}`);
  if (hint) writeErr(`${paint(process.stderr, 'dim', '  Try:')} ${visible(hint)}`);
  if (requestId) writeErr(`${paint(process.stderr, 'dim', '  Request id:')} ${visible(requestId)}`);
  if (stack) writeErr(paint(process.stderr, 'dim', stack));
}
