import type { Batch } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';

/**
 * Notices that a request file and batches do not belong together. To ask again for what seems to be missing then
 * would be to pay for all of it a second time.
 */
export class AskedRequests {
  private requests = 0;
  private answered = 0;

  constructor(private readonly options: { batches: readonly Batch[]; requestsFile: string }) {}

  /** A request that did not come before. */
  add(isAnswered: boolean): void {
    this.requests += 1;
    if (isAnswered) this.answered += 1;
  }

  /** After the last request. Gives the number of answers that belong to none. */
  check(answers: number): number {
    const { batches, requestsFile } = this.options;
    const names = batches.map(({ id }) => id).join(', ');
    if (this.requests === 0) {
      throw new InstructorError('input', `${requestsFile} holds no request`, {
        hint: 'Give the file that was submitted first: --requests-file FILE',
      });
    }
    if (this.answered === 0 && answers > 0) {
      throw new InstructorError('input', `No answer of ${names} belongs to a request of ${requestsFile}`, {
        hint: 'Give the file that was submitted first: --requests-file FILE',
      });
    }
    const most = mostAsked(batches);
    if (most !== undefined && this.requests > most) {
      throw new InstructorError(
        'input',
        `${requestsFile} holds ${this.requests} requests, but ${names} had ${most}: not all of them were asked there`,
        { hint: 'Name all batches so far, the first one too, and give the file that was submitted first' },
      );
    }
    return answers - this.answered;
  }
}

/** More requests than that were not asked in these batches. Unknown where one counts none, as those do that failed. */
export function mostAsked(batches: readonly Batch[]): number | undefined {
  const totals = batches.map(({ requests }) => requests.total ?? 0);
  return totals.includes(0) ? undefined : totals.reduce((sum, total) => sum + total, 0);
}
