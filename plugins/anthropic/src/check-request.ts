import type { CheckedRequest, RequestProblem } from '@instructor-cli/provider-kit';
import {
  asNumber,
  asRecord,
  asText,
  rangeProblems,
  type NumberRanges,
} from '@instructor-cli/provider-kit/wire';
import type { AnthropicModelRule } from './model-rules.js';

/** Parameters that a request inside a batch may not have. */
const FORBIDDEN = ['speed', 'store', 'previous_thread_event_id', 'cache_hint', 'context_hint'];

/** The present API version refuses these; an older one takes them. `submit` chooses by this trait. */
export const SAMPLING_TRAIT = 'sampling';
const SAMPLING = ['temperature', 'top_p', 'top_k'];

const RANGES: NumberRanges = {
  temperature: { low: 0, high: 1 },
  top_p: { low: 0, high: 1 },
  top_k: { low: 0, whole: true },
};

/** Checks one line of a request file against what is known to make the service refuse it. */
export function checkRequest(
  request: unknown,
  findRule: (model: string) => AnthropicModelRule | undefined,
): CheckedRequest {
  const line = asRecord(request);
  if (!line) return { problems: [{ code: 'not_an_object', message: 'a request must be a JSON object' }] };
  const problems: RequestProblem[] = [];
  const customId = asText(line['custom_id']);
  if (!isSet(line['custom_id']) || line['custom_id'] === '') {
    problems.push({ code: 'missing_field', message: 'custom_id is missing' });
  } else if (customId === undefined) {
    problems.push({ code: 'wrong_type', message: 'custom_id must be a text' });
  }
  const params = asRecord(line['params']);
  if (!params) {
    problems.push(
      isSet(line['params'])
        ? { code: 'wrong_type', message: 'params must be an object' }
        : { code: 'missing_field', message: 'params is missing' },
    );
    return { problems, customId };
  }
  const model = asText(params['model']);
  if (model === undefined) problems.push({ code: 'missing_field', message: 'params.model is missing' });
  checkLimit(params, problems);
  checkMessages(params['messages'], problems);
  const sampling = SAMPLING.some((name) => isSet(params[name]));
  checkParameters(params, model, model === undefined ? undefined : findRule(model), problems);
  return { problems, customId, model, traits: sampling ? [SAMPLING_TRAIT] : undefined };
}

function checkLimit(params: Record<string, unknown>, problems: RequestProblem[]): void {
  const limit = params['max_tokens'];
  if (!isSet(limit)) {
    problems.push({
      code: 'missing_field',
      message: 'params.max_tokens is missing',
      fix: 'every request needs it',
    });
  } else if ((asNumber(limit) ?? 0) < 1) {
    problems.push({ code: 'rejected_parameter', message: 'params.max_tokens must be at least 1' });
  }
}

function checkMessages(messages: unknown, problems: RequestProblem[]): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    problems.push({
      code: 'empty_content',
      message: 'params.messages must be a list with at least one message',
    });
    return;
  }
  for (const [index, message] of messages.entries()) {
    if (asText(asRecord(message)?.['role']) !== undefined) continue;
    problems.push({ code: 'missing_field', message: `params.messages[${index}].role is missing` });
    return;
  }
}

function checkParameters(
  params: Record<string, unknown>,
  model: string | undefined,
  rule: AnthropicModelRule | undefined,
  problems: RequestProblem[],
): void {
  const reject = (message: string): void =>
    void problems.push({ code: 'rejected_parameter', message, fix: 'remove it' });
  if (params['stream'] === true) reject('params.stream: a batch cannot stream');
  problems.push(...rangeProblems(params, RANGES, 'params'));
  for (const name of FORBIDDEN) if (isSet(params[name])) reject(`params.${name} is not allowed in a batch`);
  if (!rule) return;
  const label = rule.label ?? 'a model with rules of its own';
  for (const [name, value] of Object.entries(rule.fixed ?? {})) {
    if (isSet(params[name]) && params[name] !== value) {
      reject(`params.${name}: ${model}, ${label}, accepts only ${JSON.stringify(value)}`);
    }
  }
  for (const name of rule.rejects ?? []) {
    if (isSet(params[name])) reject(`params.${name} is rejected by ${model}, ${label}`);
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
