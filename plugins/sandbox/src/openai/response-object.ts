import { composeText, lastUserText, REFUSAL } from '../answers/answer.js';
import { isObject } from '../objects.js';
import { countTokens } from '../answers/tokens.js';
import type { RowFate } from '../options.js';
import type { Random } from '../random.js';
import { forcedFunction } from './check-body.js';
import { isReasoningModel, snapshotOf } from './models.js';
import { unixNow } from './wire.js';

/** The body that `POST /v1/responses` answers with. */
export function responseObject(body: Record<string, unknown>, fate: RowFate, random: Random) {
  const model = String(body.model);
  const thinks = isReasoningModel(model);
  const truncated = fate === 'truncated';
  const answer = outputItem(body, fate, random);
  const input = countTokens([body.instructions, body.input, body.text]);
  const reasoning = thinks ? 64 * random.integer(1, 4) : 0;
  const output = reasoning + countTokens(answer);
  const asked = isObject(body.reasoning) ? body.reasoning : {};
  return {
    id: `resp_${random.hex(48)}`,
    object: 'response',
    created_at: unixNow(),
    status: truncated ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: truncated ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: snapshotOf(model),
    // Models that think put an item for it, with nothing to read in it, before the answer.
    output: thinks ? [{ id: `rs_${random.hex(48)}`, type: 'reasoning', summary: [] }, answer] : [answer],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: asked.effort ?? (thinks ? 'medium' : null), summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    },
    user: null,
    metadata: body.metadata ?? {},
  };
}

function outputItem(body: Record<string, unknown>, fate: RowFate, random: Random) {
  const status = fate === 'truncated' ? 'incomplete' : 'completed';
  const prompt = lastUserText(body.input);
  const called = forcedFunction(body);
  if (called && fate !== 'refused') {
    return {
      id: `fc_${random.hex(48)}`,
      type: 'function_call',
      status,
      arguments: composeText({ schema: called.parameters, prompt }, fate, random),
      call_id: `call_${random.alphanumeric(24)}`,
      name: called.name,
    };
  }
  const format = isObject(body.text) && isObject(body.text.format) ? body.text.format : undefined;
  const schema = format?.type === 'json_schema' ? format.schema : undefined;
  const content =
    fate === 'refused'
      ? { type: 'refusal', refusal: REFUSAL }
      : {
          type: 'output_text',
          annotations: [],
          logprobs: [],
          text: composeText({ schema, prompt }, fate, random),
        };
  return { id: `msg_${random.hex(48)}`, type: 'message', status, content: [content], role: 'assistant' };
}
