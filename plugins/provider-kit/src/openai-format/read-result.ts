import type { Usage } from '../contract/batch.js';
import type { Answer, ProviderResult, RowError } from '../contract/outcome.js';
import { asNumber, asRecord, asText } from '../wire/read.js';

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
  const failed = row['error'] !== null && row['error'] !== undefined;
  if (failed || !body || status === undefined || status < 200 || status >= 300) {
    return readFailure(customId, row['error'], body, status, requestId);
  }
  return { customId, ...readBody(body, requestId), usage: readUsage(body), model: asText(body['model']) };
}

function readFailure(
  customId: string,
  lineError: unknown,
  body: Record<string, unknown> | undefined,
  status: number | undefined,
  requestId: string | undefined,
): ProviderResult {
  const said = asRecord(lineError) ?? asRecord(body?.['error']) ?? {};
  const nested = asRecord(said['error']) ?? said;
  const code = asText(nested['code']) ?? asText(said['code']);
  const text = typeof lineError === 'string' ? lineError : asText(body?.['error']);
  const error: RowError = {
    type: asText(nested['type']) ?? code ?? (status ? `http_${status}` : 'no_response'),
    message: asText(nested['message']) ?? text ?? fallbackMessage(status),
    code,
    status,
    requestId,
  };
  const outcome =
    code === 'batch_expired' ? 'expired' : /^batch_cancell?ed$/.test(code ?? '') ? 'cancelled' : 'errored';
  return { customId, outcome, error };
}

function fallbackMessage(status: number | undefined): string {
  return status
    ? `The request failed with status ${status}`
    : 'The provider recorded no answer for this request';
}

type Read = Pick<ProviderResult, 'outcome' | 'answer' | 'error' | 'finishReason'>;

function readBody(body: Record<string, unknown>, requestId: string | undefined): Read {
  if (Array.isArray(body['choices'])) return readChoice(asRecord(body['choices'][0]) ?? {}, requestId);
  if (Array.isArray(body['output'])) return readResponse(body, body['output'], requestId);
  if (body['object'] === 'list' && Array.isArray(body['data'])) {
    const vectors = body['data'].map((item: unknown) => asRecord(item)?.['embedding'] ?? item);
    return {
      outcome: 'succeeded',
      answer: { kind: 'data', value: vectors.length === 1 ? vectors[0] : vectors },
    };
  }
  return { outcome: 'succeeded', answer: { kind: 'data', value: body } };
}

function readChoice(choice: Record<string, unknown>, requestId: string | undefined): Read {
  const message = asRecord(choice['message']);
  const finishReason = asText(choice['finish_reason']);
  const refusal = asText(message?.['refusal']);
  if (refusal) return refused(refusal, finishReason, requestId);
  if (finishReason === 'content_filter') {
    return refused('The content filter stopped the answer', finishReason, requestId);
  }
  const text = asText(message?.['content']) ?? asText(choice['text']);
  return finished(
    text === undefined ? readToolCall(message) : { kind: 'text', text },
    finishReason,
    requestId,
  );
}

/** A model that was made to call a function answers with its arguments. */
function readToolCall(message: Record<string, unknown> | undefined): Answer {
  const calls = message?.['tool_calls'];
  const call = Array.isArray(calls) ? asRecord(asRecord(calls[0])?.['function']) : undefined;
  return { kind: 'text', text: asText(call?.['arguments']) ?? '' };
}

function readResponse(body: Record<string, unknown>, output: unknown[], requestId: string | undefined): Read {
  const incomplete = asText(asRecord(body['incomplete_details'])?.['reason']);
  const finishReason = incomplete ?? asText(body['status']);
  const failure = asRecord(body['error']);
  if (failure || body['status'] === 'failed') {
    const code = asText(failure?.['code']);
    const message = asText(failure?.['message']) ?? 'The response failed';
    return {
      outcome: 'errored',
      error: { type: code ?? 'response_failed', message, code, requestId },
      finishReason,
    };
  }
  let text = '';
  for (const item of output) {
    const content = asRecord(item)?.['content'];
    for (const part of Array.isArray(content) ? content : []) {
      const refusal = asText(asRecord(part)?.['refusal']);
      if (refusal) return refused(refusal, finishReason, requestId);
      text += asText(asRecord(part)?.['text']) ?? '';
    }
  }
  if (incomplete === 'content_filter')
    return refused('The content filter stopped the answer', finishReason, requestId);
  const call = output.map(asRecord).find((item) => item?.['type'] === 'function_call');
  if (text === '' && call) text = asText(call['arguments']) ?? '';
  return finished(
    { kind: 'text', text },
    incomplete === 'max_output_tokens' ? 'length' : finishReason,
    requestId,
  );
}

function refused(message: string, finishReason: string | undefined, requestId: string | undefined): Read {
  return { outcome: 'refused', error: { type: 'refusal', message, requestId }, finishReason };
}

function finished(answer: Answer, finishReason: string | undefined, requestId: string | undefined): Read {
  if (finishReason !== 'length') return { outcome: 'succeeded', answer, finishReason };
  const message = 'The answer reached the token limit and is cut short';
  return { outcome: 'truncated', answer, error: { type: 'truncated', message, requestId }, finishReason };
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
