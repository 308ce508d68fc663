import { composeText, lastUserText, REFUSAL } from '../answers/answer.js';
import { isObject } from '../objects.js';
import { countTokens } from '../answers/tokens.js';
import type { RowFate } from '../options.js';
import type { Random } from '../random.js';
import { forcedFunction } from './check-body.js';
import { isReasoningModel, snapshotOf } from './models.js';
import { unixNow } from './wire.js';

/** The body that `POST /v1/chat/completions` answers with. */
export function chatCompletion(body: Record<string, unknown>, fate: RowFate, random: Random) {
  const model = String(body.model);
  const choices = Array.from({ length: Number(body.n ?? 1) || 1 }, (_, index) =>
    choice(index, body, fate, random),
  );
  const input =
    countTokens(body.messages) + 3 + (body.response_format ? countTokens(body.response_format) : 0);
  const reasoning = isReasoningModel(model) ? 64 * random.integer(1, 4) : 0;
  const output =
    reasoning + choices.reduce((sum, { message }) => sum + countTokens(Object.values(message)), 0);
  return {
    id: `chatcmpl-${random.alphanumeric(29)}`,
    object: 'chat.completion',
    created: unixNow(),
    model: snapshotOf(model),
    choices,
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: reasoning,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    service_tier: 'default',
    system_fingerprint: `fp_${random.hex(10)}`,
  };
}

function choice(index: number, body: Record<string, unknown>, fate: RowFate, random: Random) {
  const { message, stop } = compose(body, fate, random);
  return { index, message, logprobs: null, finish_reason: fate === 'truncated' ? 'length' : stop };
}

function compose(body: Record<string, unknown>, fate: RowFate, random: Random) {
  const message = { role: 'assistant', content: null as string | null, refusal: null as string | null };
  if (fate === 'refused') return { message: { ...message, refusal: REFUSAL, annotations: [] }, stop: 'stop' };
  const prompt = lastUserText(body.messages);
  const called = forcedFunction(body);
  if (!called) {
    const content = composeText({ schema: formatSchema(body.response_format), prompt }, fate, random);
    return { message: { ...message, content, annotations: [] }, stop: 'stop' };
  }
  const call = {
    name: called.name,
    arguments: composeText({ schema: called.parameters, prompt }, fate, random),
  };
  if (body.tools === undefined) return { message: { ...message, function_call: call }, stop: 'stop' };
  // A function that was asked for by name ends in `stop`; one that the model picked ends in `tool_calls`.
  const stop = body.tool_choice === 'required' ? 'tool_calls' : 'stop';
  const calls = [{ id: `call_${random.alphanumeric(24)}`, type: 'function', function: call }];
  return { message: { ...message, tool_calls: calls, annotations: [] }, stop };
}

function formatSchema(format: unknown): unknown {
  if (!isObject(format)) return undefined;
  if (format.type === 'json_object') return { type: 'object', properties: { answer: { type: 'string' } } };
  return format.type === 'json_schema' && isObject(format.json_schema)
    ? format.json_schema.schema
    : undefined;
}
