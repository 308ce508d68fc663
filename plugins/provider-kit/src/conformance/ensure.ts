import { inspect } from 'node:util';

/** Fails a check. Written for the author of a plugin: what is wrong, and what the contract says. */
export function fail(message: string): never {
  throw new Error(message);
}

export function ensure(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message);
}

/** A value in a message, on one line and not too long. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 120 });
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Runs something that must not throw. */
export function succeeds<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    return fail(`${what} threw: ${error instanceof Error ? error.message : show(error)}`);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values are the same JSON, whatever the order of their keys. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (!isRecord(left) || !isRecord(right)) return Object.is(left, right);
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}

/** What a value is once it has travelled. */
export function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
