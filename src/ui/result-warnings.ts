import type { Batch } from '@instructor-cli/provider-kit';
import { plural } from './format.js';
import { warn } from './notes.js';

const UNREADABLE_SHOWN = 5;

/** Warns of the first lines of result files that cannot be read, and at the end of how many there were. */
export class UnreadableLines {
  private count = 0;

  readonly add = ({ file, line, reason }: { file: string; line: number; reason: string }): void => {
    this.count += 1;
    if (this.count <= UNREADABLE_SHOWN) warn(`Line ${line} of ${file} cannot be read: ${reason}`);
  };

  report(): void {
    if (this.count > 0) warn(`${plural(this.count, 'line')} of the result files could not be read`);
  }
}

/** Why batches failed, in the words of the provider. */
export function warnOfProblems(provider: string, batches: readonly Batch[]): void {
  for (const { message, line } of batches.flatMap(({ problems }) => problems))
    warn(`${provider}: ${line === undefined ? '' : `line ${line}: `}${message}`);
}
