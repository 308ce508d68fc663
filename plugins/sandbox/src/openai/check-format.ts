import { isObject } from '../objects.js';
import { missing, type Problem } from './errors.js';
import { rootProblem, strictSchemaProblem } from './strict-schema.js';

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Where a request says what its answer has to look like, and how its faults are named there. */
interface FormatPlace {
  /** Path of the object that holds name, schema and strict. */
  path: string;
  /** What the error calls the thing. */
  label: string;
  schemaKey: 'schema' | 'parameters';
  /** `param` and `code` of an invalid schema. */
  param: string;
  code: string | null;
}

const CHAT: FormatPlace = {
  path: 'response_format.json_schema',
  label: 'response_format',
  schemaKey: 'schema',
  param: 'response_format',
  code: null,
};
const RESPONSES: FormatPlace = {
  path: 'text.format',
  label: 'response_format',
  schemaKey: 'schema',
  param: 'text.format.schema',
  code: 'invalid_json_schema',
};

export function checkChatFormat(body: Record<string, unknown>): Problem | undefined {
  const format = body.response_format;
  if (isObject(format) && format.type === 'json_schema') return checkPlace(format.json_schema, CHAT);
  if (isObject(format) && format.type === 'json_object' && !/json/i.test(JSON.stringify(body.messages))) {
    return {
      message:
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      param: 'messages',
    };
  }
  return undefined;
}

export function checkResponsesFormat(body: Record<string, unknown>): Problem | undefined {
  const format = isObject(body.text) ? body.text.format : undefined;
  return isObject(format) && format.type === 'json_schema' ? checkPlace(format, RESPONSES) : undefined;
}

/** Tools: `{type, function: {…}}` in chat, `{type, name, parameters}` in responses. */
export function checkTools(body: Record<string, unknown>): Problem | undefined {
  if (!Array.isArray(body.tools)) return undefined;
  for (const [index, tool] of body.tools.entries()) {
    if (!isObject(tool) || tool.type !== 'function') continue;
    const isChat = isObject(tool.function);
    const problem = checkPlace(isChat ? tool.function : tool, {
      path: isChat ? `tools[${index}].function` : `tools[${index}]`,
      label: 'function',
      schemaKey: 'parameters',
      param: isChat ? `tools[${index}].function.parameters` : `tools[${index}].parameters`,
      code: 'invalid_function_parameters',
    });
    if (problem) return problem;
  }
  return undefined;
}

function checkPlace(holder: unknown, place: FormatPlace): Problem | undefined {
  if (!isObject(holder)) return missing(place.path);
  if (holder.name === undefined) return missing(`${place.path}.name`);
  if (typeof holder.name !== 'string' || !NAME.test(holder.name)) {
    return {
      message: `Invalid '${place.path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      param: `${place.path}.name`,
      code: 'invalid_value',
    };
  }
  const schema = holder[place.schemaKey];
  if (schema === undefined) return place.schemaKey === 'schema' ? missing(`${place.path}.schema`) : undefined;
  const problem = holder.strict === true ? strictSchemaProblem(schema) : rootProblem(schema);
  if (!problem) return undefined;
  return {
    message: `Invalid schema for ${place.label} '${holder.name}': ${problem}`,
    param: place.param,
    code: place.code,
  };
}
