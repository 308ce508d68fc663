import type { Answer, CompiledSchema, RowError } from '@instructor-cli/provider-kit';
import type { ResponseModel, ValidationIssue, ValidationResult } from './response-model.js';

export type ParsedAnswer<T = unknown> =
  | { outcome: 'succeeded'; result: T }
  /** `raw` is the answer as it came, so that nothing paid for is lost. */
  | {
      outcome: 'invalid';
      error: RowError;
      raw: unknown;
      /** All that is wrong, a line each, for the model to read. */
      complaint: string;
    };

/** More issues than this tell no one more. */
const ISSUES_SHOWN = 3;
/** A model that is told of more has a new question, not a correction. */
const ISSUES_TOLD = 50;

/**
 * Reads what a model said: as JSON that fits the schema if there is one, else as JSON or plain text, whichever it is.
 * A promise comes back only if the user's schema validates asynchronously.
 */
export function parseAnswer<T = unknown>(
  answer: Answer,
  compiled?: CompiledSchema,
  model?: ResponseModel<T>,
): ParsedAnswer<T> | Promise<ParsedAnswer<T>> {
  if (answer.kind === 'data') return { outcome: 'succeeded', result: answer.value as T };
  const raw = answer.kind === 'text' ? answer.text : answer.value;
  if (!compiled && !model) {
    return { outcome: 'succeeded', result: (answer.kind === 'text' ? readLoosely(answer.text) : raw) as T };
  }

  let value: unknown = raw;
  if (answer.kind === 'text') {
    try {
      value = JSON.parse(unfence(answer.text));
    } catch (error) {
      const message = notJson(answer.text, error);
      return invalid('invalid_json', message, raw, `- ${message}`);
    }
  }
  if (compiled) value = compiled.decode(value);
  if (!model) return { outcome: 'succeeded', result: value as T };

  const result = model.validate(value);
  return result instanceof Promise ? result.then((settled) => judge(settled, raw)) : judge(result, raw);
}

function judge<T>(result: ValidationResult<T>, raw: unknown): ParsedAnswer<T> {
  if (result.ok) return { outcome: 'succeeded', result: result.value };
  const told = result.issues.slice(0, ISSUES_TOLD).map((issue) => `- ${describeIssue(issue)}`);
  return invalid('schema_mismatch', describeIssues(result.issues), raw, told.join('\n'));
}

function invalid(
  type: 'invalid_json' | 'schema_mismatch',
  message: string,
  raw: unknown,
  complaint: string,
): ParsedAnswer<never> {
  return { outcome: 'invalid', error: { type, message, code: type }, raw, complaint };
}

function describeIssues(issues: ValidationIssue[]): string {
  const shown = issues.slice(0, ISSUES_SHOWN).map(describeIssue);
  const more = issues.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function describeIssue({ path, message }: ValidationIssue): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** Without a schema, only what is plainly JSON is taken for it: the answer `42` stays the text it was. */
function readLoosely(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Models without structured output like to put JSON into a Markdown fence. */
function unfence(text: string): string {
  return /^\s*```(?:json)?[^\S\n]*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)?.[1] ?? text;
}

function notJson(text: string, error: unknown): string {
  if (text.trim() === '') return 'the answer is empty';
  return `the answer is not JSON: ${error instanceof Error ? error.message : String(error)}`;
}
