import type { Usage } from '../contract/batch.js';
import type { ProviderResult, RowError } from '../contract/outcome.js';
import { asNumber, asRecord, asText } from '../wire/read.js';
import { isRetryable } from '../wire/retryable.js';
import { readChoice } from './read-choice.js';
import { readResponse } from './read-response.js';
import { unanswered, type ReadBody } from './read-body.js';

/**
 * Reads one line of an output or error file of OpenAI's shape. Three traps are met here: an HTTP failure has
 * `error: null` and its reason in the body; a row that never ran has `response: null`; a status of 0 stands for
 * a request that got no answer at all.
 */
export function readOpenAIResult(line: unknown): ProviderResult {
  const row = asRecord(line);
  const customId = asText(row?.['custom_id']);
  if (!row || customId === undefined) throw new Error('this line has no custom_id');
  const response = asRecord(row['response']);
  const status = asNumber(response?.['status_code']);
  const body = asRecord(response?.['body']);
  const requestId = asText(response?.['request_id']);
  if (saysSomething(row['error']) || !body || !isSuccess(status)) {
    return readFailure(customId, row['error'], response?.['body'], status, requestId);
  }
  const read = readBody(body, requestId);
  if (!read) return readFailure(customId, row['error'], body, status, requestId);
  return { customId, ...read, usage: readUsage(body), model: asText(body['model']) };
}

/** Some services write an empty text or object where others write null. */
function saysSomething(error: unknown): boolean {
  const fields = asRecord(error);
  return fields ? Object.keys(fields).length > 0 : Boolean(error);
}

function readFailure(
  customId: string,
  lineError: unknown,
  body: unknown,
  status: number | undefined,
  requestId: string | undefined,
): ProviderResult {
  const answer = asRecord(body);
  const said = [lineError, answer?.['error'], answer].map(asRecord).find(saysSomething) ?? {};
  const nested = asRecord(said['error']) ?? said;
  const code = asText(nested['code']) ?? asText(said['code']);
  const text = asText(lineError) ?? asText(answer?.['error']) ?? asText(body);
  const type = asText(nested['type']);
  const message = asText(nested['message']) ?? text;
  const outcome =
    code === 'batch_expired' ? 'expired' : /^batch_cancell?ed$/.test(code ?? '') ? 'cancelled' : 'errored';
  const error: RowError = {
    type: type ?? code ?? (status ? `http_${status}` : 'no_response'),
    message: message ?? fallbackMessage(status),
    code,
    status,
    requestId,
    retryable:
      outcome !== 'errored' ||
      (isSuccess(status) && message === undefined) ||
      isRetryable(status, type, code),
  };
  return { customId, outcome, error };
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

function fallbackMessage(status: number | undefined): string {
  if (!status) return 'The provider recorded no answer for this request';
  return isSuccess(status)
    ? 'The provider recorded a success, but no answer'
    : `The request failed with status ${status}`;
}

/** Gives undefined for a body that is no answer, but an error behind a status that says otherwise. */
function readBody(body: Record<string, unknown>, requestId: string | undefined): ReadBody | undefined {
  const { choices, output, data } = body;
  if (Array.isArray(choices)) {
    // Asked for several answers in one row: all are passed on as they are, rather than one of them.
    if (choices.length > 1) return { outcome: 'succeeded', answer: { kind: 'data', value: choices } };
    const choice = asRecord(choices[0]);
    return choice
      ? readChoice(choice, requestId)
      : unanswered('no_answer', 'The answer has no choices', requestId);
  }
  if (Array.isArray(output)) return readResponse(body, output, requestId);
  if (saysSomething(body['error'])) return undefined;
  if (body['object'] === 'list' && Array.isArray(data)) {
    const vectors = data.map((item: unknown) => asRecord(item)?.['embedding'] ?? item);
    return {
      outcome: 'succeeded',
      answer: { kind: 'data', value: vectors.length === 1 ? vectors[0] : vectors },
    };
  }
  return { outcome: 'succeeded', answer: { kind: 'data', value: body } };
}

function readUsage(body: Record<string, unknown>): Usage | undefined {
  const usage = asRecord(body['usage']);
  if (!usage) return undefined;
  const input = asRecord(usage['prompt_tokens_details']) ?? asRecord(usage['input_tokens_details']);
  const output = asRecord(usage['completion_tokens_details']) ?? asRecord(usage['output_tokens_details']);
  return {
    inputTokens: asNumber(usage['prompt_tokens']) ?? asNumber(usage['input_tokens']),
    cachedInputTokens: asNumber(input?.['cached_tokens']),
    outputTokens: asNumber(usage['completion_tokens']) ?? asNumber(usage['output_tokens']),
    reasoningTokens: asNumber(output?.['reasoning_tokens']),
  };
}
