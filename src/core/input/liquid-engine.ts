import type { Liquid } from 'liquidjs';

/**
 * Liquid as rows need it: names that do not exist and unknown filters are errors, guards such as `{% if note %}` and
 * `default` are not, and values that are no text are written as JSON. Only own properties are reachable.
 */
export async function createEngine(partials?: string): Promise<Liquid> {
  const { Liquid } = await import('liquidjs');
  return new Liquid({
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    root: partials,
    extname: '.liquid',
    outputEscape: toText,
  });
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as number | boolean | bigint);
}

/** What liquidjs says, without its own word for the place: `undefined variable: x, line:1, col:4`. */
export function liquidMessage(error: unknown): string {
  return (error as Error).message
    .replace(/, file:.*$/s, '')
    .replace(/, line:(\d+), col:(\d+).*$/s, ' (line $1, column $2)');
}
