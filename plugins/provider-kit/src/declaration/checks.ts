export function patternProblem(pattern: unknown, at: string): string | undefined {
  if (pattern === undefined) return undefined;
  try {
    if (typeof pattern === 'string' && new RegExp(pattern)) return undefined;
  } catch {
    // Falls through to the sentence below: the pattern is not one.
  }
  return `${at}: must be a regular expression`;
}

/** A declaration is data from outside: what it names must not reach into other folders. */
export function staysInside(path: string): boolean {
  return /^\.\/[^\\]+$/.test(path) && !path.split('/').includes('..');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
