import type { CheckedRequest, RequestProblem } from '../contract/requests.js';
import { rangeProblems, type NumberRanges } from '../wire/ranges.js';
import { asRecord, asText } from '../wire/read.js';
import type { OpenAIModelRule } from './model-rules.js';

/** Bounds of the numbers that a request may hold. */
const RANGES: NumberRanges = {
  temperature: { low: 0, high: 2 },
  top_p: { low: 0, high: 1 },
  presence_penalty: { low: -2, high: 2 },
  frequency_penalty: { low: -2, high: 2 },
  max_tokens: { low: 1, whole: true },
  max_completion_tokens: { low: 1, whole: true },
  max_output_tokens: { low: 1, whole: true },
};

/** What each endpoint needs in its body. */
const CONTENT = new Map([
  ['/v1/chat/completions', 'messages'],
  ['/v1/responses', 'input'],
  ['/v1/embeddings', 'input'],
]);

/** What chat completions call otherwise than the Responses API, which refuses the names of the former. */
const RESPONSES_NAMES = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
};

export interface OpenAIRequestRules {
  endpoints?: readonly string[];
  findRule: (model: string) => OpenAIModelRule | undefined;
}

/** Checks one line of a request file against what is known to make the service refuse it. */
export function checkOpenAIRequest(request: unknown, rules: OpenAIRequestRules): CheckedRequest {
  const problems: RequestProblem[] = [];
  const line = asRecord(request);
  if (!line) {
    return { problems: [{ code: 'not_an_object', message: 'a request must be a JSON object' }] };
  }
  const body = asRecord(line['body']);
  const customId = asText(line['custom_id']);
  const endpoint = asText(line['url']);
  const model = asText(body?.['model']);
  const missing = (field: string): void =>
    void problems.push({ code: 'missing_field', message: `${field} is missing` });

  if (!isSet(line['custom_id']) || line['custom_id'] === '') missing('custom_id');
  else if (customId === undefined) {
    problems.push({ code: 'wrong_type', message: 'custom_id must be a text' });
  }
  if (line['method'] === undefined) missing('method');
  else if (line['method'] !== 'POST') {
    problems.push({ code: 'wrong_method', message: 'method must be "POST"' });
  }
  if (endpoint === undefined) missing('url');
  else if (rules.endpoints && !rules.endpoints.includes(endpoint)) {
    problems.push({
      code: 'unknown_endpoint',
      message: `url ${JSON.stringify(endpoint)} is not an endpoint for batches`,
      fix: `use one of ${rules.endpoints.join(', ')}`,
    });
  }
  if (!isSet(line['body'])) missing('body');
  else if (!body) problems.push({ code: 'wrong_type', message: 'body must be an object' });
  else {
    if (model === undefined) missing('body.model');
    const content = CONTENT.get(endpoint ?? '');
    if (content)
      checkContent(body[content], content, problems, content === 'messages' || body['prompt'] === undefined);
    checkParameters(
      body,
      endpoint,
      model === undefined ? undefined : rules.findRule(model),
      model ?? '',
      problems,
    );
  }
  return { problems, customId, model, endpoint };
}

function checkContent(value: unknown, field: string, problems: RequestProblem[], required: boolean): void {
  if (value === undefined || value === null) {
    if (required) problems.push({ code: 'missing_field', message: `body.${field} is missing` });
    return;
  }
  if (field !== 'messages') {
    if (value === '' || (required && Array.isArray(value) && value.length === 0))
      problems.push({ code: 'empty_content', message: `body.${field} is empty` });
    return;
  }
  if (!Array.isArray(value) || value.length === 0) {
    problems.push({
      code: 'empty_content',
      message: 'body.messages must be a list with at least one message',
    });
    return;
  }
  for (const [index, message] of value.entries()) {
    if (asText(asRecord(message)?.['role']) === undefined) {
      problems.push({ code: 'missing_field', message: `body.messages[${index}].role is missing` });
      return;
    }
  }
}

function checkParameters(
  body: Record<string, unknown>,
  endpoint: string | undefined,
  rule: OpenAIModelRule | undefined,
  model: string,
  problems: RequestProblem[],
): void {
  if (body['stream'] === true) {
    problems.push({
      code: 'rejected_parameter',
      message: 'body.stream: a batch cannot stream',
      fix: 'remove it',
    });
  }
  if (typeof body['n'] === 'number' && body['n'] > 1) {
    problems.push({
      code: 'rejected_parameter',
      message: 'body.n: a row keeps one answer, the others would be paid for and lost',
      fix: 'remove it, and ask the row several times instead',
    });
  }
  for (const problem of rangeProblems(body, RANGES, 'body')) problems.push(problem);
  if (endpoint === '/v1/responses') {
    for (const [name, replacement] of Object.entries(RESPONSES_NAMES)) {
      if (!isSet(body[name])) continue;
      problems.push({
        code: 'rejected_parameter',
        message: `body.${name} is not known to ${endpoint}`,
        fix: `use ${replacement}`,
      });
    }
  }
  if (!rule) return;
  const label = rule.label ?? 'a model with rules of its own';
  if (endpoint === '/v1/chat/completions') {
    for (const [name, replacement] of Object.entries(rule.rename ?? {})) {
      if (!isSet(body[name])) continue;
      problems.push({
        code: 'rejected_parameter',
        message: `body.${name} is rejected by ${model}, ${label}`,
        fix: `use ${replacement}`,
      });
    }
  }
  for (const [name, value] of Object.entries(rule.fixed ?? {})) {
    if (!isSet(body[name]) || body[name] === value) continue;
    problems.push({
      code: 'rejected_parameter',
      message: `body.${name}: ${model}, ${label}, accepts only ${JSON.stringify(value)}`,
      fix: 'remove it',
    });
  }
  for (const name of rule.rejects ?? []) {
    if (!isSet(body[name])) continue;
    problems.push({
      code: 'rejected_parameter',
      message: `body.${name} is rejected by ${model}, ${label}`,
      fix: 'remove it',
    });
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
