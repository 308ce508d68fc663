import { answerSchema, forcedTool } from '../anthropic/check-params.js';
import { isObject } from '../objects.js';

/** A request that cannot be put into the words of the upstream. */
export class NotConvertible extends Error {}

type Json = Record<string, unknown>;

/** The parameters of a message as a chat request: texts, tools and formats; what else there is cannot be said there. */
export function chatRequest(params: Json): Json {
  const messages = [
    ...(params.system === undefined ? [] : [{ role: 'system', content: textOf(params.system, 'system') }]),
    ...(params.messages as Json[]).flatMap((message, index) => chatMessages(message, `messages.${index}`)),
  ];
  const schema = answerSchema(params);
  const forced = forcedTool(params);
  return {
    model: params.model,
    messages,
    max_tokens: params.max_tokens,
    ...copied(params, { temperature: 'temperature', top_p: 'top_p', stop_sequences: 'stop' }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } }),
    ...(Array.isArray(params.tools) ? { tools: params.tools.map(chatTool) } : {}),
    ...(forced ? { tool_choice: { type: 'function', function: { name: forced.name } } } : {}),
  };
}

function copied(params: Json, names: Record<string, string>): Json {
  const entries = Object.entries(names).filter(([name]) => params[name] !== undefined);
  return Object.fromEntries(entries.map(([name, there]) => [there, params[name]]));
}

function chatTool(tool: unknown, index: number): Json {
  if (!isObject(tool) || tool.input_schema === undefined) {
    throw new NotConvertible(`tools.${index}: The upstream knows no tools of the service itself.`);
  }
  const { name, description, input_schema: parameters } = tool;
  return { type: 'function', function: { name, description, parameters } };
}

/** One message; the results of tools become messages of their own. */
function chatMessages({ role, content }: Json, at: string): Json[] {
  if (typeof content === 'string') return [{ role, content }];
  const blocks = (Array.isArray(content) ? content : []) as Json[];
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const texts = blocks.filter(({ type }) => type !== 'tool_use' && type !== 'tool_result');
  const said = texts.length > 0 ? textOf(texts, `${at}.content`) : null;
  const messages: Json[] = results.map((result) => ({
    role: 'tool',
    tool_call_id: result.tool_use_id,
    content: textOf(result.content ?? '', `${at}.content`),
  }));
  if (said === null && calls.length === 0) return messages;
  const toolCalls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  messages.push({ role, content: said, ...(calls.length > 0 ? { tool_calls: toolCalls } : {}) });
  return messages;
}

function textOf(content: unknown, at: string): string {
  if (typeof content === 'string') return content;
  return (Array.isArray(content) ? content : [])
    .map((block: unknown, index) => {
      if (isObject(block) && block.type === 'text' && typeof block.text === 'string') return block.text;
      const type = isObject(block) ? String(block.type) : typeof block;
      throw new NotConvertible(`${at}.${index}: The upstream is asked in text only, not with ${type}.`);
    })
    .join('\n');
}
