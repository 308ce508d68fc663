import { isObject } from '../objects.js';
import { definitionOf, FAULTS, OPERATIONS, type Fault, type FaultName, type Rule } from './fault.js';

/** A fault that was described wrongly, in words for whoever described it. */
export class FaultProblem extends Error {}

const LIMITS: Record<string, Rule> = {
  rate: { number: 'any', least: 0, most: 1 },
  count: { number: 'whole', least: 0 },
  after: { number: 'whole', least: 0 },
  protocol: { words: ['openai', 'anthropic'] },
};

/** Reads a list of faults, `{"faults": […]}`, or a single one. */
export function readFaults(value: unknown): Fault[] {
  if (isObject(value) && 'faults' in value) {
    const extra = Object.keys(value).find((name) => name !== 'faults');
    if (extra !== undefined) throw new FaultProblem(`${extra} is not known beside faults.`);
    value = value.faults;
  }
  const list = isObject(value) ? [value] : value;
  if (!Array.isArray(list)) throw new FaultProblem('Expected a list of faults.');
  return list.map((fault, index) => readFault(fault, `faults[${index}]`));
}

/** Checks one fault; `at` says where it stands. */
export function readFault(value: unknown, at: string): Fault {
  if (!isObject(value)) throw new FaultProblem(`${at} has to be an object.`);
  const { fault: name, ...given } = value;
  if (typeof name !== 'string' || !Object.hasOwn(FAULTS, name)) {
    throw new FaultProblem(
      `${at}: ${show(name)} is no known fault. There are ${listed(Object.keys(FAULTS))}.`,
    );
  }
  const definition = definitionOf(name as FaultName);
  const rules = { ...LIMITS, ...definition.parameters };
  for (const [key, rule] of Object.entries(rules)) check(given[key], rule, `${at}.${key}`);
  const calls = definition.per === 'call';
  for (const [key, setting] of Object.entries(given)) {
    if (Object.hasOwn(rules, key)) continue;
    if (calls && key === 'operation') checkOperations(setting, `${at}.operation`);
    else if (calls && key === 'path') check(setting, { words: [] }, `${at}.path`);
    else {
      const known = [...Object.keys(rules), ...(calls ? ['operation', 'path'] : [])];
      throw new FaultProblem(`${at}: ${name} takes no ${key}. It takes ${listed(known)}.`);
    }
  }
  if (definition.protocol && (given.protocol ?? definition.protocol) !== definition.protocol) {
    throw new FaultProblem(`${at}: ${name} is known to ${definition.protocol} only.`);
  }
  return value as unknown as Fault;
}

function check(value: unknown, rule: Rule, at: string): void {
  if (value === undefined) {
    if (rule.required) throw new FaultProblem(`${at} is missing.`);
    return;
  }
  if ('words' in rule) {
    if (typeof value !== 'string') throw new FaultProblem(`${at} has to be a text, not ${show(value)}.`);
    if (rule.words.length > 0 && !rule.words.includes(value)) {
      throw new FaultProblem(`${at} has to be ${rule.words.join(' or ')}, not ${show(value)}.`);
    }
    return;
  }
  const { number, least, most = Infinity } = rule;
  const right = typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most;
  if (right && (number === 'any' || Number.isInteger(value))) return;
  const kind = number === 'whole' ? 'a whole number' : 'a number';
  const bounds = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new FaultProblem(`${at} has to be ${kind} ${bounds}, not ${show(value)}.`);
}

function checkOperations(value: unknown, at: string): void {
  const operations = Array.isArray(value) ? value : [value];
  for (const operation of operations as unknown[]) {
    if (!(OPERATIONS as readonly unknown[]).includes(operation)) {
      throw new FaultProblem(`${at} has to be one or more of ${listed(OPERATIONS)}, not ${show(operation)}.`);
    }
  }
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
