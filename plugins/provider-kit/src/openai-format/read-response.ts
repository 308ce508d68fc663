import type { Answer } from '../contract/outcome.js';
import { asRecord, asText } from '../wire/read.js';
import { isRetryable } from '../wire/retryable.js';
import { refused, truncated, type ReadBody } from './read-body.js';

/** Reads an answer of the Responses API. */
export function readResponse(
  body: Record<string, unknown>,
  output: unknown[],
  requestId: string | undefined,
): ReadBody {
  const status = asText(body['status']);
  const incomplete = asText(asRecord(body['incomplete_details'])?.['reason']);
  const finishReason = incomplete === 'max_output_tokens' ? 'length' : (incomplete ?? status);
  const failure = asRecord(body['error']);
  if (failure || status === 'failed') {
    const code = asText(failure?.['code']);
    const message = asText(failure?.['message']) ?? 'The response failed';
    return {
      outcome: 'errored',
      error: {
        type: code ?? 'response_failed',
        message,
        code,
        requestId,
        retryable: isRetryable(undefined, code),
      },
      finishReason,
    };
  }
  if (status === 'cancelled' || status === 'queued' || status === 'in_progress') {
    return {
      outcome: status === 'cancelled' ? 'cancelled' : 'errored',
      error: {
        type: `response_${status}`,
        message: `The response was left ${status}`,
        requestId,
        retryable: true,
      },
      finishReason,
    };
  }
  const { text, refusal } = readMessages(output);
  if (refusal) return refused(refusal, finishReason, requestId);
  if (incomplete === 'content_filter') {
    return refused('The content filter stopped the answer', finishReason, requestId);
  }
  const call = output.map(asRecord).find((item) => item?.['type'] === 'function_call');
  const answer: Answer = { kind: 'text', text: text || (asText(call?.['arguments']) ?? '') };
  return status === 'incomplete' || incomplete !== undefined
    ? truncated(answer, finishReason, requestId)
    : { outcome: 'succeeded', answer, finishReason };
}

/** The text of all messages. Other items have text too, such as the model's thoughts: that is no answer. */
function readMessages(output: unknown[]): { text: string; refusal?: string } {
  let text = '';
  for (const item of output.map(asRecord)) {
    const { type = 'message', content } = item ?? {};
    if (type !== 'message' || !Array.isArray(content)) continue;
    for (const part of content.map(asRecord)) {
      const refusal = asText(part?.['refusal']);
      if (refusal) return { text, refusal };
      text += asText(part?.['text']) ?? '';
    }
  }
  return { text };
}
