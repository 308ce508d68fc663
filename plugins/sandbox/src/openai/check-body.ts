import { isObject } from '../objects.js';
import { checkChatFormat, checkResponsesFormat, checkTools } from './check-format.js';
import { missing, wrongType, type Problem } from './errors.js';
import { isReasoningModel } from './models.js';

type Body = Record<string, unknown>;

/** What the endpoint itself would refuse a request for. In a batch it becomes the answer to that row. */
export function checkBody(endpoint: string, body: Body): Problem | undefined {
  if (typeof body.model !== 'string' || body.model === '')
    return { message: 'you must provide a model parameter' };
  if (body.stream === true) {
    return {
      message: "'stream' is not supported in a batch.",
      param: 'stream',
      code: 'unsupported_parameter',
    };
  }
  if (endpoint === '/v1/embeddings') return checkEmbeddings(body);
  return endpoint === '/v1/responses' ? checkResponses(body, body.model) : checkChat(body, body.model);
}

function checkChat(body: Body, model: string): Problem | undefined {
  if (body.messages === undefined) return missing('messages');
  if (!Array.isArray(body.messages)) return wrongType('messages', 'an array of objects', body.messages);
  if (body.messages.length === 0) {
    return {
      message:
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      param: 'messages',
      code: 'empty_array',
    };
  }
  if (isReasoningModel(model)) {
    if (body.max_tokens !== undefined && body.max_tokens !== null) {
      return unsupported('max_tokens', "Use 'max_completion_tokens' instead.");
    }
    if (body.temperature !== undefined && body.temperature !== null && body.temperature !== 1) {
      return {
        message: `Unsupported value: 'temperature' does not support ${JSON.stringify(body.temperature)} with this model. Only the default (1) value is supported.`,
        param: 'temperature',
        code: 'unsupported_value',
      };
    }
    if (body.top_p !== undefined && body.top_p !== null && body.top_p !== 1) return unsupported('top_p');
  }
  return checkTemperature(body) ?? checkChatFormat(body) ?? checkTools(body);
}

function checkResponses(body: Body, model: string): Problem | undefined {
  if (body.input === undefined && body.prompt === undefined) return missing('input');
  for (const name of ['max_tokens', 'max_completion_tokens', 'messages', 'response_format']) {
    if (body[name] === undefined) continue;
    const moved = {
      max_tokens: 'max_output_tokens',
      max_completion_tokens: 'max_output_tokens',
      messages: 'input',
      response_format: 'text.format',
    }[name];
    const message = `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${moved}'.`;
    return { message, param: name, code: 'unsupported_parameter' };
  }
  if (isReasoningModel(model)) {
    for (const name of ['temperature', 'top_p']) {
      if (body[name] !== undefined && body[name] !== null && body[name] !== 1) return unsupported(name);
    }
  }
  return checkTemperature(body) ?? checkResponsesFormat(body) ?? checkTools(body);
}

function checkEmbeddings(body: Body): Problem | undefined {
  if (body.input === undefined) return missing('input');
  if (typeof body.input !== 'string' && !Array.isArray(body.input)) {
    return wrongType('input', 'a string or an array', body.input);
  }
  if (body.input.length === 0)
    return { message: "'$.input' is invalid. Please check the API reference.", param: null };
  const { dimensions } = body;
  if (
    dimensions !== undefined &&
    (typeof dimensions !== 'number' || !Number.isInteger(dimensions) || dimensions < 1)
  ) {
    return { message: "Invalid value for 'dimensions'. Must be greater than 0.", param: 'dimensions' };
  }
  return undefined;
}

function checkTemperature({ temperature }: Body): Problem | undefined {
  if (temperature === undefined || temperature === null) return undefined;
  if (typeof temperature !== 'number') return wrongType('temperature', 'a decimal', temperature);
  if (temperature >= 0 && temperature <= 2) return undefined;
  const [word, sign, bound] = temperature > 2 ? ['above maximum', '<=', 2] : ['below minimum', '>=', 0];
  return {
    message: `Invalid 'temperature': decimal ${word} value. Expected a value ${sign} ${bound}, but got ${temperature} instead.`,
    param: 'temperature',
    code: temperature > 2 ? 'decimal_above_max_value' : 'decimal_below_min_value',
  };
}

function unsupported(param: string, advice?: string): Problem {
  const message = `Unsupported parameter: '${param}' is not supported with this model.${advice ? ` ${advice}` : ''}`;
  return { message, param, code: 'unsupported_parameter' };
}

/** The function that a request forces the model to call, with the schema of its arguments. */
export function forcedFunction(body: Body): { name: string; parameters: unknown } | undefined {
  const choice = body.tool_choice ?? body.function_call;
  const listed = Array.isArray(body.tools) ? body.tools : Array.isArray(body.functions) ? body.functions : [];
  const functions = listed
    .map((tool: unknown) => (isObject(tool) && isObject(tool.function) ? tool.function : tool))
    .filter((tool): tool is Body & { name: string } => isObject(tool) && typeof tool.name === 'string');
  let wanted: unknown;
  if (choice === 'required') wanted = functions[0]?.name;
  else if (isObject(choice)) wanted = isObject(choice.function) ? choice.function.name : choice.name;
  const found = functions.find((tool) => tool.name === wanted);
  return found && { name: found.name, parameters: found.parameters ?? { type: 'object', properties: {} } };
}
