import type { Answer, ProviderResult, RowError, Usage } from '@instructor-cli/provider-kit';
import { asNumber, asRecord, asText, isRetryable } from '@instructor-cli/provider-kit/wire';

/** Reads one line of a results stream. */
export function readResult(line: unknown): ProviderResult {
  const row = asRecord(line);
  const customId = asText(row?.['custom_id']);
  if (!row || customId === undefined) throw new Error('this line has no custom_id');
  const result = asRecord(row['result']) ?? {};
  switch (result['type']) {
    case 'succeeded':
      return { customId, ...readMessage(asRecord(result['message'])) };
    case 'canceled':
      return {
        customId,
        outcome: 'cancelled',
        error: {
          type: 'canceled',
          message: 'The batch was cancelled before this request was sent to the model',
          retryable: true,
        },
      };
    case 'expired':
      return {
        customId,
        outcome: 'expired',
        error: {
          type: 'expired',
          message: 'The batch expired before this request was sent to the model',
          retryable: true,
        },
      };
    default:
      return { customId, outcome: 'errored', error: readError(result) };
  }
}

/** The error of a row is wrapped twice: `result.error.error`. */
function readError(result: Record<string, unknown>): RowError {
  const outer = asRecord(result['error']) ?? {};
  const inner = asRecord(outer['error']) ?? outer;
  const type = asText(inner['type']);
  const code = asText(asRecord(inner['details'])?.['error_code']);
  return {
    type: type ?? asText(result['type']) ?? 'unknown',
    message: asText(inner['message']) ?? asText(result['error']) ?? fallbackMessage(result['type']),
    code,
    requestId: asText(outer['request_id']),
    // The service writes no status here, but its types name one each.
    retryable: isRetryable(undefined, type, code),
  };
}

function fallbackMessage(type: unknown): string {
  if (type === 'errored') return 'The provider gave no reason';
  return type === undefined
    ? 'The provider recorded no result for this request'
    : `The result has the type ${JSON.stringify(type)}, unknown here`;
}

function readMessage(message: Record<string, unknown> | undefined): Omit<ProviderResult, 'customId'> {
  if (!message) {
    const message = 'The provider recorded a success, but no answer';
    const error = { type: 'no_answer', message, retryable: true };
    return { outcome: 'errored', error };
  }
  const finishReason = asText(message['stop_reason']);
  const read = {
    answer: readAnswer(message['content'], finishReason),
    usage: readUsage(message['usage']),
    model: asText(message['model']),
    finishReason,
  };
  if (finishReason === 'refusal') {
    const details = asRecord(message['stop_details']);
    const said = read.answer.kind === 'text' ? asText(read.answer.text) : undefined;
    const error = {
      type: 'refusal',
      message: asText(details?.['explanation']) ?? said ?? 'The model refused to answer',
      code: asText(details?.['category']),
    };
    return { ...read, outcome: 'refused', error };
  }
  if (finishReason === 'max_tokens' || finishReason === 'model_context_window_exceeded') {
    const message = 'The answer reached the token limit and is cut short';
    return { ...read, outcome: 'truncated', error: { type: 'truncated', message, code: finishReason } };
  }
  if (finishReason === 'pause_turn') {
    const message = 'The model paused before its answer was complete';
    return { ...read, outcome: 'truncated', error: { type: 'truncated', message, code: finishReason } };
  }
  return { ...read, outcome: 'succeeded' };
}

/** The text of all text blocks, or what a tool was called with if the model ended on that. */
function readAnswer(content: unknown, finishReason: string | undefined): Answer {
  const blocks = Array.isArray(content) ? content.map(asRecord) : [];
  let text = '';
  for (const block of blocks) if (block?.['type'] === 'text') text += asText(block['text']) ?? '';
  const call = blocks.find((block) => block?.['type'] === 'tool_use');
  return call && (finishReason === 'tool_use' || text.trim() === '')
    ? { kind: 'object', value: call['input'] }
    : { kind: 'text', text };
}

function readUsage(value: unknown): Usage | undefined {
  const usage = asRecord(value);
  if (!usage) return undefined;
  const cached = asNumber(usage['cache_read_input_tokens']);
  const uncached = asNumber(usage['input_tokens']);
  return {
    // `input_tokens` leaves out what went to or came from the cache.
    inputTokens:
      uncached === undefined
        ? undefined
        : uncached + (cached ?? 0) + (asNumber(usage['cache_creation_input_tokens']) ?? 0),
    cachedInputTokens: cached,
    outputTokens: asNumber(usage['output_tokens']),
    reasoningTokens: asNumber(asRecord(usage['output_tokens_details'])?.['thinking_tokens']),
  };
}
