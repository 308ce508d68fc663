import type { Liquid, Template as Parsed } from 'liquidjs';
import { ExactNumber, stringifyExactly } from '../../rows/exact-number.js';
import { templateFolder } from './template-file.js';

/**
 * Liquid as rows need it: names that do not exist and unknown filters are errors, guards such as `{% if note %}` and
 * `default` are not, and values that are no text are written as JSON. Only own properties are reachable.
 */
const OPTIONS = {
  strictVariables: true,
  strictFilters: true,
  lenientIf: true,
  ownPropertyOnly: true,
  outputEscape: toText,
} as const;

export async function createEngine(partials?: string): Promise<Liquid> {
  const { Liquid } = await import('liquidjs');
  const engine = new Liquid({ ...OPTIONS, root: partials, extname: '.liquid', fs: templateFolder });
  for (const filter of ['json', 'jsonify'])
    engine.registerFilter(filter, (value: unknown, space?: number) => stringifyExactly(value, space));
  return engine;
}

/** The same for a condition alone, which may have brackets. What it says renders as `1` where it holds. */
export async function createConditionEngine(): Promise<{
  engine: Liquid;
  parseCondition: (condition: string) => Parsed[];
}> {
  const { Liquid } = await import('liquidjs');
  // Nothing that is typed can hold this, so that the text of a condition cannot end its tag.
  const [tagDelimiterLeft, tagDelimiterRight] = ['\u0000{%', '%}\u0000'];
  const engine = new Liquid({ ...OPTIONS, groupedExpressions: true, tagDelimiterLeft, tagDelimiterRight });
  const tag = (text: string): string => `${tagDelimiterLeft}${text}${tagDelimiterRight}`;
  return {
    engine,
    parseCondition: (condition) => engine.parse(`${tag(`if ${condition} `)}1${tag('endif')}`),
  };
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' && !(value instanceof ExactNumber)
    ? stringifyExactly(value)
    : String(value as number | boolean | bigint);
}

/** What liquidjs says, without its own word for the place: `undefined variable: x, line:1, col:4`. */
export function liquidMessage(error: unknown): string {
  return (error as Error).message
    .replace(/, file:.*$/s, '')
    .replace(/, line:(\d+), col:(\d+).*$/s, ' (line $1, column $2)');
}

/** The same without any place. */
export function liquidReason(error: unknown): string {
  return (error as Error).message.replace(/, (file|line):.*$/s, '');
}
