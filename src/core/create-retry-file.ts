import type { Batch } from '@instructor-cli/provider-kit';
import { openOutput, requireOtherFile } from '../rows/output-file.js';
import type { AnswerSource } from './answer-source.js';
import type { RetryRequestsOptions } from './batch-processor-options.js';
import type { LineFile } from './create-requests.js';
import { OriginalIds } from './original-ids.js';
import { ResultSummary } from './result-summary.js';
import { retryRequests, type RetriedRequests } from './retry-requests.js';
import { SideFile, sidePath } from './side-file.js';

/** Beside standard output there is no place for other files. */
const NOWHERE: LineFile = { lines: 0, add: () => undefined };

export interface RetryFile extends RetriedRequests {
  /** The batches so far, the oldest first. */
  batches: readonly Batch[];
  /** Where the rows are listed that are left alone; there is no such file if there are none. */
  leftOutPath: string;
}

/** Writes a request file of the rows that are worth another try; none if there are no such rows. */
export async function createRetryFile(
  answers: AnswerSource,
  batch: string | Batch | readonly (string | Batch)[],
  options: RetryRequestsOptions,
): Promise<RetryFile> {
  const { path, requestsFile } = options;
  const leftOut = new SideFile(sidePath(path, 'left-out'), options);
  const idList = new SideFile(sidePath(path, 'ids'), options);
  const beside = path === '-' ? [] : [leftOut, idList];
  // Whether all of it can be written is said before anything is asked of the provider.
  for (const file of beside) {
    await requireOtherFile(file.path, requestsFile);
    await file.requireFreeName();
  }
  await requireOtherFile(path, requestsFile);
  const output = await openOutput(path, options);
  try {
    const collect = await answers.collect(batch, options, new ResultSummary());
    const originalIds = new OriginalIds(answers.safeIds(), [requestsFile]);
    const files = path === '-' ? { leftOut: NOWHERE, idList: NOWHERE } : { leftOut, idList };
    const retried = await retryRequests({ ...options, ...collect, ...files, output, originalIds });
    if (retried.requests > 0) await output.commit();
    for (const file of beside) await file.commit();
    return { ...retried, batches: collect.batches, leftOutPath: leftOut.path };
  } finally {
    for (const file of [output, leftOut, idList]) await file.discard();
  }
}
