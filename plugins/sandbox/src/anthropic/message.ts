import { composeText, lastUserText } from '../answers/answer.js';
import { isObject } from '../objects.js';
import { countTokens } from '../answers/tokens.js';
import type { RowFate } from '../options.js';
import type { Random } from '../random.js';
import { answerSchema, forcedTool } from './check-params.js';

/** The message that answers a request. */
export function composeMessage(
  params: Record<string, unknown>,
  fate: RowFate,
  random: Random,
  tier: 'batch' | 'standard',
) {
  const tool = fate === 'refused' ? undefined : forcedTool(params);
  const content = fate === 'refused' ? [] : [contentBlock(params, tool, fate, random)];
  const reason =
    fate === 'refused' ? 'refusal' : fate === 'truncated' ? 'max_tokens' : tool ? 'tool_use' : 'end_turn';
  return {
    id: `msg_01${random.alphanumeric(22)}`,
    type: 'message',
    role: 'assistant',
    model: params.model,
    container: null,
    content,
    stop_reason: reason,
    stop_sequence: null,
    stop_details: fate === 'refused' ? { type: 'refusal', category: null, explanation: null } : null,
    usage: {
      input_tokens: countTokens([params.system, params.messages, params.tools, params.output_config]),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: countTokens(content),
      service_tier: tier,
      inference_geo: 'not_available',
    },
  };
}

function contentBlock(
  params: Record<string, unknown>,
  tool: { name: string; schema: unknown } | undefined,
  fate: RowFate,
  random: Random,
) {
  const prompt = lastUserText(params.messages);
  if (!tool)
    return { type: 'text', text: composeText({ schema: answerSchema(params), prompt }, fate, random) };
  // The input of a tool is parsed by the service: at the token limit it holds what was complete by then.
  const whole = fate === 'truncated' ? 'succeeded' : fate;
  const input: unknown = JSON.parse(composeText({ schema: tool.schema, prompt }, whole, random));
  return {
    type: 'tool_use',
    id: `toolu_01${random.alphanumeric(22)}`,
    name: tool.name,
    input: fate === 'truncated' ? firstHalf(input) : input,
  };
}

function firstHalf(input: unknown): unknown {
  const entries = isObject(input) ? Object.entries(input) : [];
  return Object.fromEntries(entries.slice(0, Math.floor(entries.length / 2)));
}
