import type { Answer } from '../contract/outcome.js';
import { asRecord, asText } from '../wire/read.js';
import { refused, truncated, type ReadBody } from './read-body.js';

/** Reads a choice of a chat completion, or of a plain completion. */
export function readChoice(choice: Record<string, unknown>, requestId: string | undefined): ReadBody {
  const message = asRecord(choice['message']);
  const finishReason = asText(choice['finish_reason']);
  const refusal = asText(message?.['refusal']);
  if (refusal) return refused(refusal, finishReason, requestId);
  if (finishReason === 'content_filter') {
    return refused('The content filter stopped the answer', finishReason, requestId);
  }
  const text = readContent(message?.['content']) ?? asText(choice['text']);
  const answer: Answer = text === undefined ? readToolCall(message) : { kind: 'text', text };
  return finishReason === 'length'
    ? truncated(answer, finishReason, requestId)
    : { outcome: 'succeeded', answer, finishReason };
}

/** A text, or the list of parts that some compatible services send. */
function readContent(content: unknown): string | undefined {
  if (!Array.isArray(content)) return asText(content);
  return asText(content.map((part: unknown) => asText(asRecord(part)?.['text']) ?? '').join(''));
}

/** A model that was made to call a function answers with its arguments: JSON text, or already parsed. */
function readToolCall(message: Record<string, unknown> | undefined): Answer {
  const calls = message?.['tool_calls'];
  const call = Array.isArray(calls)
    ? asRecord(asRecord(calls[0])?.['function'])
    : asRecord(message?.['function_call']);
  const parsed = asRecord(call?.['arguments']);
  return parsed
    ? { kind: 'object', value: parsed }
    : { kind: 'text', text: asText(call?.['arguments']) ?? '' };
}
