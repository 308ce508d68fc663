import { isRecord } from './types.js';

/** Longer pieces of schema tell a model little and are paid for with every request. */
const LONGEST_QUOTE = 300;

const SENTENCES: Record<string, (value: unknown) => string> = {
  minimum: (value) => `Must be at least ${show(value)}.`,
  maximum: (value) => `Must be at most ${show(value)}.`,
  exclusiveMinimum: (value) => `Must be greater than ${show(value)}.`,
  exclusiveMaximum: (value) => `Must be less than ${show(value)}.`,
  multipleOf: (value) => `Must be a multiple of ${show(value)}.`,
  minLength: (value) => `Must have at least ${count(value, 'character')}.`,
  maxLength: (value) => `Must have at most ${count(value, 'character')}.`,
  pattern: (value) => `Must match the regular expression ${quote(value)}.`,
  format: (value) => `Must have the format "${show(value)}".`,
  contentEncoding: (value) => `Must be encoded as ${show(value)}.`,
  contentMediaType: (value) => `Must contain ${show(value)}.`,
  minItems: (value) => `Must have at least ${count(value, 'item')}.`,
  maxItems: (value) => `Must have at most ${count(value, 'item')}.`,
  uniqueItems: () => 'All items must be different.',
  contains: (value) => `At least one item must match ${quote(value)}.`,
  minContains: (value) => `At least ${show(value)} of them must match.`,
  maxContains: (value) => `At most ${show(value)} of them may match.`,
  minProperties: (value) => `Must have at least ${count(value, 'property', 'properties')}.`,
  maxProperties: (value) => `Must have at most ${count(value, 'property', 'properties')}.`,
  dependentRequired: describeDependencies,
  not: (value) => `Must not match ${quote(value)}.`,
  if: describeCondition,
};

/** Says in English what a keyword demands, for a model to read; undefined for what cannot be said briefly. */
export function describeConstraint(keyword: string, value: unknown): string | undefined {
  const text = SENTENCES[keyword]?.(value);
  return text === undefined || text.includes('…') ? undefined : text;
}

export function describeDefault(value: unknown): string {
  return `Default: ${JSON.stringify(value)}.`;
}

export function describeExamples(values: unknown[]): string | undefined {
  const text = values.map((value) => JSON.stringify(value)).join(', ');
  return values.length === 0 || text.length > LONGEST_QUOTE ? undefined : `Examples: ${text}.`;
}

/** Joins what the user wrote and what is added to it. */
export function joinSentences(...texts: (string | undefined)[]): string | undefined {
  const spoken = texts.map((text) => text?.trim()).filter((text) => text);
  if (spoken.length === 0) return undefined;
  return spoken.reduce((all, text) => `${all}${/[.!?:;]$/.test(all as string) ? '' : '.'} ${text}`);
}

/** A keyword's value as it stands in a sentence. */
function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function count(value: unknown, one: string, many = `${one}s`): string {
  return `${show(value)} ${value === 1 ? one : many}`;
}

function quote(value: unknown): string {
  const text = show(value);
  return text.length > LONGEST_QUOTE ? '…' : text;
}

function describeDependencies(value: unknown): string {
  if (!isRecord(value)) return '…';
  return Object.entries(value)
    .map(
      ([name, needed]) =>
        `If "${name}" is given, so must be ${[needed]
          .flat()
          .map((key) => `"${show(key)}"`)
          .join(', ')}.`,
    )
    .join(' ');
}

function describeCondition(value: unknown): string {
  const { if: condition, then, else: otherwise } = value as Record<string, unknown>;
  const rules = [
    then === undefined ? undefined : `If it matches ${quote(condition)}, it must match ${quote(then)}.`,
    otherwise === undefined
      ? undefined
      : `If it does not match ${quote(condition)}, it must match ${quote(otherwise)}.`,
  ];
  return rules.filter(Boolean).join(' ');
}
