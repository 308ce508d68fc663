import type { Answer, BatchProvider, FollowUp } from '@instructor-cli/provider-kit';
import type { BatchResult } from './result-row.js';

/** A truncated answer gets so many times the room. */
const MORE_ROOM = 2;

/** A provider that can take up a conversation again. */
export type ContinuingProvider = BatchProvider & Required<Pick<BatchProvider, 'followUp'>>;

export function canContinue(provider: BatchProvider): provider is ContinuingProvider {
  return provider.followUp !== undefined;
}

/** The request again, with each answer that did not fit and what was wrong with it, in the order in which they came. */
export function withComplaints(
  provider: ContinuingProvider,
  request: unknown,
  row: BatchResult,
  maxTokens: number | undefined,
): Record<string, unknown> {
  const attempts = [...(row.otherAttempts ?? []).map((other) => other.row), row];
  let again = request as Record<string, unknown>;
  for (const attempt of attempts) {
    if (attempt.success || (attempt.outcome !== 'invalid' && attempt.outcome !== 'truncated')) continue;
    const turn = turnAbout(attempt, limitOf(provider, again), maxTokens);
    again = provider.followUp(again, turn);
  }
  return again;
}

function limitOf(provider: BatchProvider, request: unknown): number | undefined {
  return provider.contentOf?.(request).maxOutputTokens;
}

function turnAbout(
  row: Extract<BatchResult, { success: false }>,
  limit: number | undefined,
  wanted: number | undefined,
): FollowUp {
  const answer = toAnswer(row.answer);
  if (row.outcome !== 'truncated') {
    const complaint = `Your answer does not fit what was asked for:\n${row.complaint ?? row.error.message}\nGive the whole answer again, with this corrected and everything else as it should be.`;
    return { answer, complaint, maxTokens: wanted };
  }
  const maxTokens = wanted ?? (limit === undefined ? undefined : limit * MORE_ROOM);
  const room = maxTokens === undefined ? '' : ` There is room for ${maxTokens} tokens now.`;
  return {
    answer,
    complaint: `Your answer was cut off before its end. Give the whole answer again, from its beginning.${room}`,
    maxTokens,
  };
}

function toAnswer(value: unknown): Answer | undefined {
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'object', value };
}
