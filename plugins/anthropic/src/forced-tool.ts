import { asRecord, asText } from '@instructor-cli/provider-kit/wire';

/** Said of a tool whose schema has no description of its own. */
export const TOOL_DESCRIPTION = 'Gives the answer in the shape that was asked for.';

export interface ForcedTool {
  name: string;
  tool: Record<string, unknown>;
  schema: Record<string, unknown>;
}

/** The tool that a request makes the model call: how an answer's shape travels to models without formats. */
export function forcedTool(params: Record<string, unknown>): ForcedTool | undefined {
  const { tools } = params;
  const choice = asRecord(params['tool_choice']);
  if (choice?.['type'] !== 'tool' || !Array.isArray(tools)) return undefined;
  const name = asText(choice['name']);
  const tool = tools.map(asRecord).find((item) => item?.['name'] === name);
  const schema = asRecord(tool?.['input_schema']);
  return name !== undefined && tool && schema ? { name, tool, schema } : undefined;
}
