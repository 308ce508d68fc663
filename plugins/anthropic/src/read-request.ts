import type { PortableRequest } from '@instructor-cli/provider-kit';
import { schemaName } from '@instructor-cli/provider-kit/json-schema';
import { asRecord, asText } from '@instructor-cli/provider-kit/wire';
import { forcedTool, TOOL_DESCRIPTION } from './forced-tool.js';
import { isSet, readMessages } from './read-messages.js';

type Schema = NonNullable<PortableRequest['schema']>;

/** Reads one line of a request file into the neutral form. What has no place there is named in `rest`. */
export function readRequest(request: unknown): PortableRequest {
  const line = asRecord(request) ?? {};
  const { system, messages: turns, ...params } = asRecord(line['params']) ?? {};
  const { messages, rest } = readMessages(system, turns);
  const portable: PortableRequest = { customId: asText(line['custom_id']) ?? '', messages, rest };
  const model = asText(params['model']);
  if (model !== undefined) {
    portable.model = model;
    delete params['model'];
  }
  for (const [name, key] of [
    ['max_tokens', 'maxTokens'],
    ['temperature', 'temperature'],
    ['top_p', 'topP'],
  ] as const) {
    const value = params[name];
    if (typeof value !== 'number') continue;
    portable[key] = value;
    delete params[name];
  }
  const stop = params['stop_sequences'];
  if (Array.isArray(stop) && stop.every((text) => typeof text === 'string')) {
    portable.stop = stop;
    delete params['stop_sequences'];
  }
  const schema = takeFormat(params, rest) ?? takeTool(params, rest);
  if (schema) portable.schema = schema;
  rest.push(...Object.keys(params).filter((key) => isSet(params[key])));
  rest.push(
    ...Object.keys(line).filter((key) => key !== 'custom_id' && key !== 'params' && isSet(line[key])),
  );
  return portable;
}

/** The answer's format. `output_format` is its older place. It carries no name, unlike with other providers. */
function takeFormat(params: Record<string, unknown>, rest: string[]): Schema | undefined {
  const config = asRecord(params['output_config']);
  const format = asRecord(config?.['format'] ?? params['output_format']);
  const schema = format?.['type'] === 'json_schema' ? asRecord(format['schema']) : undefined;
  if (!schema) return undefined;
  if (!config?.['format']) delete params['output_format'];
  else {
    delete params['output_config'];
    for (const key of Object.keys(config))
      if (key !== 'format' && isSet(config[key])) rest.push(`output_config.${key}`);
  }
  return { name: schemaName(asText(schema['title']) ?? ''), schema };
}

/** A tool that has to be called, and is the only one, stands for the answer's shape. */
function takeTool(params: Record<string, unknown>, rest: string[]): Schema | undefined {
  const forced = forcedTool(params);
  if (!forced || (params['tools'] as unknown[]).length !== 1) return undefined;
  const { name, schema, tool } = forced;
  delete params['tools'];
  delete params['tool_choice'];
  if (isSet(tool['cache_control'])) rest.push('tools: cache_control');
  const description = asText(tool['description']);
  return description === undefined || description === TOOL_DESCRIPTION
    ? { name, schema }
    : { name, description, schema };
}
