import type { Answer } from '../contract/outcome.js';
import { RequestSettingsError } from '../contract/errors.js';
import type { FollowUp } from '../contract/requests.js';
import { asRecord, asText } from '../wire/read.js';
import { CHAT, LIMIT_NAMES, RESPONSES } from './endpoints.js';
import { limitName } from './limits.js';
import type { OpenAIModelRule } from './model-rules.js';
import { isSet } from './read-messages.js';

/** The request again, with the model's answer and a complaint about it at the end. Leaves the original alone. */
export function followUpOpenAIRequest(
  request: unknown,
  turn: FollowUp,
  findRule: (model: string) => OpenAIModelRule | undefined,
): Record<string, unknown> {
  const line = asRecord(request) ?? {};
  const body = asRecord(line['body']) ?? {};
  const endpoint = asText(line['url']) ?? CHAT;
  const name = endpoint === RESPONSES ? 'input' : 'messages';
  const said = answerText(turn.answer);
  const changed: Record<string, unknown> = {
    ...body,
    [name]: [
      ...turnsOf(body[name], endpoint),
      ...(said.trim() === '' ? [] : [{ role: 'assistant', content: said }]),
      { role: 'user', content: turn.complaint },
    ],
  };
  if (turn.maxTokens !== undefined) {
    const limit = LIMIT_NAMES.find((key) => isSet(body[key]));
    changed[limit ?? limitName(endpoint, findRule(asText(body['model']) ?? ''))] = turn.maxTokens;
  }
  return { ...line, body: changed };
}

function turnsOf(conversation: unknown, endpoint: string): unknown[] {
  if (endpoint === CHAT && Array.isArray(conversation)) return conversation;
  if (endpoint === RESPONSES) {
    if (Array.isArray(conversation)) return conversation;
    if (typeof conversation === 'string') return [{ role: 'user', content: conversation }];
    // A stored prompt asks by itself.
    if (!isSet(conversation)) return [];
  }
  throw new RequestSettingsError(
    `a request to ${endpoint} has no conversation to go on with`,
    'Send the request again as it is',
  );
}

/** What the model said, as text. */
function answerText(answer: Answer | undefined): string {
  if (!answer) return '';
  return answer.kind === 'text' ? answer.text : (JSON.stringify(answer.value) ?? '');
}
