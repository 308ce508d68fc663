import type { Batch } from '@instructor-cli/provider-kit';
import { openOutput, requireOtherFile } from '../rows/output-file.js';
import type { AnswerSource } from './answer-source.js';
import type { RetryRequestsOptions } from './batch-processor-options.js';
import { OriginalIds } from './original-ids.js';
import { ResultSummary } from './result-summary.js';
import { retryRequests, type RetriedRequests } from './retry-requests.js';
import { SideFile, sidePath } from './side-file.js';

export interface RetryFile extends RetriedRequests {
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
  const collect = await answers.collect(batch, options, new ResultSummary());
  await requireOtherFile(path, requestsFile);
  const output = await openOutput(path, options);
  const leftOut = new SideFile(sidePath(path, 'left-out'), options);
  const idList = new SideFile(sidePath(path, 'ids'), options);
  try {
    if (path !== '-') await leftOut.requireFreeName();
    const originalIds = new OriginalIds(answers.safeIds(), [requestsFile]);
    const retried = await retryRequests({ ...options, ...collect, output, leftOut, idList, originalIds });
    if (retried.requests > 0) await output.commit();
    if (path !== '-') {
      await leftOut.commit();
      await idList.commit();
    }
    return { ...retried, leftOutPath: leftOut.path };
  } finally {
    for (const file of [output, leftOut, idList]) await file.discard();
  }
}
