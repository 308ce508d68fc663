import { isObject } from '../objects.js';
import { STRICT_VERSION } from './authenticate.js';
import { schemaProblem } from './check-schema.js';

type Params = Record<string, unknown>;

/** What version 2026-10-21 took away. */
const SAMPLING = ['temperature', 'top_p', 'top_k'];

const KNOWN = new Set([
  'max_tokens',
  'messages',
  'model',
  'cache_control',
  'container',
  'context_management',
  'diagnostics',
  'inference_geo',
  'mcp_servers',
  'metadata',
  'output_config',
  'output_format',
  'service_tier',
  'stop_sequences',
  'stream',
  'system',
  'thinking',
  'tool_choice',
  'tools',
  ...SAMPLING,
]);

/** What the service would refuse a message request for. In a batch it becomes the result of that row. */
export function checkParams(params: Params, version: string): string | undefined {
  for (const name of ['model', 'max_tokens', 'messages']) {
    if (params[name] === undefined) return `${name}: Field required`;
  }
  const extra = Object.keys(params).find(
    (name) => !KNOWN.has(name) || (version >= STRICT_VERSION && SAMPLING.includes(name)),
  );
  if (extra !== undefined) return `${extra}: Extra inputs are not permitted`;
  if (typeof params.model !== 'string' || params.model === '') return 'model: Input should be a valid string';
  if (params.stream === true) return 'stream: Streaming is not supported in a batch';
  return (
    checkMaxTokens(params.max_tokens) ??
    checkMessages(params.messages) ??
    checkSampling(params) ??
    checkFormat(params) ??
    checkTools(params)
  );
}

function checkMaxTokens(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value))
    return 'max_tokens: Input should be a valid integer';
  return value < 1 ? 'max_tokens: Input should be greater than or equal to 1' : undefined;
}

function checkMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return 'messages: Input should be a valid list';
  if (messages.length === 0) return 'messages: at least one message is required';
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `messages.${index}: Input should be a valid dictionary`;
    if (message.role === undefined) return `messages.${index}.role: Field required`;
    if (message.role === 'system') {
      return 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
    }
    if (message.role !== 'user' && message.role !== 'assistant') {
      return `messages: Unexpected role ${JSON.stringify(message.role)}. Allowed roles are "user" or "assistant".`;
    }
    if (message.content === undefined) return `messages.${index}.content: Field required`;
    if (message.content === '' || (Array.isArray(message.content) && message.content.length === 0)) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
  }
  return undefined;
}

function checkSampling({ temperature }: Params): string | undefined {
  if (temperature === undefined) return undefined;
  if (typeof temperature !== 'number') return 'temperature: Input should be a valid number';
  return temperature < 0 || temperature > 1 ? 'temperature: range: 0..1' : undefined;
}

function checkFormat(params: Params): string | undefined {
  const format = formatOf(params);
  if (format === undefined) return undefined;
  const name = isObject(params.output_config) ? 'output_config.format' : 'output_format';
  if (!isObject(format) || format.type !== 'json_schema')
    return `${name}.type: Input should be 'json_schema'`;
  if (format.schema === undefined) return `${name}.schema: Field required`;
  const problem = schemaProblem(format.schema);
  return problem && `${name}.schema: ${problem}`;
}

function checkTools(params: Params): string | undefined {
  if (params.tools === undefined) {
    return isObject(params.tool_choice)
      ? 'tool_choice may only be specified while providing tools'
      : undefined;
  }
  if (!Array.isArray(params.tools)) return 'tools: Input should be a valid list';
  for (const [index, tool] of params.tools.entries()) {
    if (!isObject(tool)) return `tools.${index}: Input should be a valid dictionary`;
    if (typeof tool.name !== 'string') return `tools.${index}.name: Field required`;
    // Tools that the service itself provides have a type and no schema.
    if (tool.type !== undefined && tool.type !== 'custom') continue;
    if (tool.input_schema === undefined) return `tools.${index}.custom.input_schema: Field required`;
    if (!isObject(tool.input_schema) || tool.input_schema.type !== 'object') {
      return `tools.${index}.custom.input_schema.type: Input should be 'object'`;
    }
    const problem = tool.strict === true ? schemaProblem(tool.input_schema) : undefined;
    if (problem) return `tools.${index}.custom: ${problem}`;
  }
  if (isObject(params.tool_choice) && params.tool_choice.type === 'tool' && !forcedTool(params)) {
    return `tool_choice: Tool '${String(params.tool_choice.name)}' not found in provided tools`;
  }
  return undefined;
}

/** The format of the answer; `output_format` is its older place, which is still read. */
function formatOf(params: Params): unknown {
  return (
    (isObject(params.output_config) ? params.output_config.format : undefined) ??
    params.output_format ??
    undefined
  );
}

export function answerSchema(params: Params): unknown {
  const format = formatOf(params);
  return isObject(format) ? format.schema : undefined;
}

/** The tool that a request forces the model to call. */
export function forcedTool(params: Params): { name: string; schema: unknown } | undefined {
  const { tool_choice: choice, tools } = params;
  if (!isObject(choice) || !Array.isArray(tools)) return undefined;
  const custom = tools.filter((tool) => isObject(tool) && tool.input_schema !== undefined) as Params[];
  const found =
    choice.type === 'tool'
      ? custom.find((tool) => tool.name === choice.name)
      : choice.type === 'any'
        ? custom[0]
        : undefined;
  return found && { name: String(found.name), schema: found.input_schema };
}
