import { RequestSettingsError, type Answer, type FollowUp } from '@instructor-cli/provider-kit';
import { asRecord } from '@instructor-cli/provider-kit/wire';
import { forcedTool } from './forced-tool.js';

/** The request again, with the model's answer and a complaint about it at the end. Leaves the original alone. */
export function followUp(request: unknown, turn: FollowUp): Record<string, unknown> {
  const line = asRecord(request) ?? {};
  const params = asRecord(line['params']) ?? {};
  const { messages } = params;
  if (!Array.isArray(messages)) {
    throw new RequestSettingsError(
      'this request has no conversation to go on with',
      'Send the request again as it is',
    );
  }
  const turns = toolTurns(params, turn, messages.length) ?? textTurns(turn);
  const changed: Record<string, unknown> = { ...params, messages: [...(messages as unknown[]), ...turns] };
  if (turn.maxTokens !== undefined) changed['max_tokens'] = turn.maxTokens;
  return { ...line, params: changed };
}

/** A model that was made to call a tool is answered with what became of the call. */
function toolTurns(
  params: Record<string, unknown>,
  { answer, complaint }: FollowUp,
  place: number,
): unknown[] | undefined {
  const forced = forcedTool(params);
  const input = answer?.kind === 'object' ? asRecord(answer.value) : undefined;
  if (!forced || !input) return undefined;
  // The id of the call that was made is not kept. Any will do, as long as the conversation has it once.
  const id = `toolu_instructor_${place}`;
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: forced.name, input }] },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: id, is_error: true, content: complaint }],
    },
  ];
}

function textTurns({ answer, complaint }: FollowUp): unknown[] {
  const said = answerText(answer);
  const asked = { role: 'user', content: complaint };
  // The service refuses a turn that says nothing. Two turns of the user in a row it takes as one.
  return said.trim() === '' ? [asked] : [{ role: 'assistant', content: said }, asked];
}

function answerText(answer: Answer | undefined): string {
  if (!answer) return '';
  return answer.kind === 'text' ? answer.text : (JSON.stringify(answer.value) ?? '');
}
