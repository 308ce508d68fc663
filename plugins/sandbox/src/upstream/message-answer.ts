import { isObject } from '../objects.js';
import type { Random } from '../random.js';
import { NotConvertible } from './chat-request.js';

type Json = Record<string, unknown>;

/** The answer of a chat endpoint as a message. */
export function messageAnswer(params: Json, answer: unknown, random: Random, tier: string): Json {
  const choice: unknown =
    isObject(answer) && Array.isArray(answer.choices) ? (answer.choices as unknown[])[0] : undefined;
  if (!isObject(choice) || !isObject(choice.message)) {
    throw new NotConvertible('The upstream answered without a message.');
  }
  const { message, finish_reason: finish } = choice;
  const truncated = finish === 'length';
  const refused = finish === 'content_filter' || typeof message.refusal === 'string';
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
  const content = refused
    ? []
    : [
        ...(typeof message.content === 'string' && message.content !== ''
          ? [{ type: 'text', text: message.content }]
          : []),
        ...calls.map((call) => toolUse(call, truncated, random)),
      ];
  const usage = isObject(answer) && isObject(answer.usage) ? answer.usage : {};
  return {
    id: `msg_01${random.alphanumeric(22)}`,
    type: 'message',
    role: 'assistant',
    model: isObject(answer) && typeof answer.model === 'string' ? answer.model : params.model,
    container: null,
    content,
    stop_reason: refused ? 'refusal' : truncated ? 'max_tokens' : calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: Number(usage.prompt_tokens ?? 0),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: Number(usage.completion_tokens ?? 0),
      service_tier: tier,
      inference_geo: 'not_available',
    },
  };
}

function toolUse(call: Json, truncated: boolean, random: Random): Json {
  const called = isObject(call.function) ? call.function : {};
  return {
    type: 'tool_use',
    id: `toolu_01${random.alphanumeric(22)}`,
    name: called.name,
    input: readArguments(called.arguments, truncated),
  };
}

function readArguments(text: unknown, truncated: boolean): unknown {
  // Some servers send them as an object.
  if (isObject(text)) return text;
  try {
    return JSON.parse(String(text));
  } catch {
    if (truncated) return {};
    throw new NotConvertible('The upstream called a tool with arguments that are not JSON.');
  }
}
