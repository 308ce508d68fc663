import type { Batch } from '@instructor-cli/provider-kit';
import type { EndedBatch } from '../store/events.js';

/** What the journal keeps of a batch that has ended. */
export function toEndedBatch(batch: Batch): EndedBatch {
  const { id, status, rawStatus, model, endpoint, times, requests, problems, files } = batch;
  const { total, succeeded, failed } = requests;
  return {
    id,
    status,
    rawStatus,
    model,
    endpoint,
    created: times.created?.toISOString(),
    started: times.started?.toISOString(),
    ended: times.ended?.toISOString(),
    requests: { total, succeeded, failed },
    problems: problems.slice(0, MOST_PROBLEMS),
    files,
  };
}

/** A batch of a million bad lines must not make a journal of a million problems. */
const MOST_PROBLEMS = 1000;
