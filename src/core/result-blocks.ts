import type { Batch } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { readLines } from '../rows/read-lines.js';
import type { AnswerSource } from './answer-source.js';
import type { ResultsOptions } from './batch-processor-options.js';
import { collectResults } from './collect-results.js';
import { nothingJoined } from './join-input.js';
import { OriginalIds } from './original-ids.js';
import type { BatchResult } from './result-row.js';
import { ResultSummary } from './result-summary.js';

/** All rows of batches that have ended, many at a time: under the ids that the user gave, each row once. */
export async function* resultBlocks(
  answers: AnswerSource,
  batch: string | Batch | readonly (string | Batch)[],
  options: ResultsOptions,
): AsyncGenerator<BatchResult[]> {
  const { summary = new ResultSummary(), join, requestsFile = [] } = options;
  const ids = answers.safeIds();
  const collect = await answers.collect(batch, options, summary);
  yield* collectResults({
    ...collect,
    requestIds: await answers.requestIds(collect.batches, options),
    join: join?.rows(ids),
    nothingJoined: join && (() => nothingJoined(join)),
    originalIds: new OriginalIds(ids, [requestsFile].flat()),
    onMoreRequests: (requests, asked) =>
      options.onNote?.(
        `There are ${requests} requests, but ${collect.batches.map(({ id }) => id).join(', ')} had ${asked}: the others were not asked there, and show as missing`,
      ),
    onRequestsGone: () =>
      options.onNote?.(
        'The input file of the batch is gone: pass --requests-file to see which rows are missing',
      ),
  });
}

/** Reads result lines that were downloaded before. Lines that cannot be read are an error with their number. */
export async function* parseResults(
  answers: AnswerSource,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<BatchResult> {
  const readRow = await answers.rowReader();
  for await (const { first, lines } of readLines(stream, 'the results')) {
    for (const [offset, line] of lines.entries()) {
      if (line.trim() === '') continue;
      try {
        yield await readRow(line);
      } catch (error) {
        const reason = (error as Error).message;
        throw new InstructorError(
          'input',
          `Line ${first + offset} of the results cannot be read: ${reason}`,
          {
            cause: error,
          },
        );
      }
    }
  }
}
