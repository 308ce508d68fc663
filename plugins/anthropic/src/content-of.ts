import type { RequestContent } from '@instructor-cli/provider-kit';
import { asNumber, asRecord } from '@instructor-cli/provider-kit/wire';

/**
 * Tokens around the messages, as the examples of the documentation come to. The form itself is not public.
 * @see https://platform.claude.com/docs/en/build-with-claude/token-counting
 */
const PER_MESSAGE = 3;
const AROUND_ALL = 4;

/**
 * What the service adds to a request with tools, so that the model knows about them: of Claude 4 models.
 * @see https://platform.claude.com/docs/en/about-claude/pricing
 */
const FOR_TOOLS = 346;
const FOR_FORCED_TOOLS = 313;

/** What of a request the model reads. Definitions of tools and schemas are counted as the JSON that they are. */
export function contentOf(request: unknown): RequestContent {
  const params = asRecord(asRecord(request)?.['params']) ?? {};
  const content: RequestContent = { texts: [], overheadTokens: AROUND_ALL, images: 0 };
  addContent(content, params['system']);
  const { messages, tools } = params;
  for (const message of (Array.isArray(messages) ? messages : []).map(asRecord)) {
    content.overheadTokens += PER_MESSAGE;
    addContent(content, message?.['content']);
  }
  if (Array.isArray(tools) && tools.length > 0) {
    const choice = asRecord(params['tool_choice'])?.['type'];
    content.overheadTokens += choice === 'tool' || choice === 'any' ? FOR_FORCED_TOOLS : FOR_TOOLS;
    addJson(content, tools);
  }
  const format = asRecord(params['output_config'])?.['format'] ?? params['output_format'];
  addJson(content, asRecord(format)?.['schema']);
  const limit = asNumber(params['max_tokens']);
  if (limit !== undefined) content.maxOutputTokens = limit;
  return content;
}

/** A text, or blocks, of which the results of tools hold blocks of their own. */
function addContent(content: RequestContent, value: unknown, depth = 0): void {
  if (!Array.isArray(value)) return addText(content, value);
  for (const block of value.map(asRecord)) {
    switch (block?.['type']) {
      case 'text':
        addText(content, block['text']);
        break;
      case 'thinking':
        addText(content, block['thinking']);
        break;
      case 'tool_use':
        addText(content, block['name']);
        addJson(content, block['input']);
        break;
      case 'tool_result':
        if (depth === 0) addContent(content, block['content'], depth + 1);
        break;
      default:
        addOther(content, block);
    }
  }
}

/** A document may be plain text. Of the rest nobody knows the tokens. */
function addOther(content: RequestContent, block: Record<string, unknown> | undefined): void {
  if (!block) return;
  const source = asRecord(block['source']);
  if (source?.['type'] === 'text') addText(content, source['data']);
  else content.images += 1;
}

function addText(content: RequestContent, text: unknown): void {
  if (typeof text === 'string' && text !== '') content.texts.push(text);
}

function addJson(content: RequestContent, value: unknown): void {
  if (typeof value === 'object' && value !== null) content.texts.push(JSON.stringify(value));
}
