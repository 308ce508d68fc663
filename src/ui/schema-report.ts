import { formatCount } from './format.js';
import { paint, widthOf, type Style } from './terminal.js';
import type { ProviderSchema, SchemaReport } from '../core/check-schema.js';
import { visible, visibleLines } from '../text/visible.js';

type Finding = SchemaReport['findings'][number];

const STYLES: Record<Finding['level'], Style> = { error: 'red', warning: 'yellow', info: 'cyan' };
const LEVEL_WIDTH = 'warning  '.length;
/** Narrower than this, words would stand alone. */
const NARROWEST = 40;

/** The schema of each provider with what there is to say about it, then what holds for all of them. */
export function renderSchemaReport({ name, findings, providers }: SchemaReport): string {
  const parts = providers.map(renderProvider);
  if (findings.length > 0)
    parts.push([heading(name, 'for every provider'), ...findings.map(render)].join('\n'));
  return parts.join('\n\n');
}

/** One line to end with, such as `Person can be used for 1 of 2, 1 error, 3 warnings`. */
export function summarizeSchemaReport({ name, findings, providers }: SchemaReport): string {
  const usable = providers.filter((provider) => provider.usable).length;
  const all = [...findings, ...providers.flatMap((provider) => provider.findings)];
  const counts = (['error', 'warning'] as const)
    .map((level) => [level, all.filter((finding) => finding.level === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(([level, count]) => `${formatCount(count)} ${level}${count === 1 ? '' : 's'}`);
  const who = `can be used for ${usable} of ${providers.length}`;
  return visible([`${name} ${who}`, ...counts].join(', '));
}

export function schemaReportToJson(report: SchemaReport): Record<string, unknown> {
  return {
    name: report.name,
    findings: report.findings.map(findingToJson),
    providers: report.providers.map(({ provider, model, endpoint, compiled, usable, findings }) => ({
      provider: provider.id,
      model: model ?? null,
      endpoint: endpoint ?? null,
      usable,
      mode: compiled?.mode ?? null,
      schema: compiled?.schema ?? null,
      findings: findings.map(findingToJson),
    })),
  };
}

function findingToJson({ level, rule, path, message, fix }: Finding): Record<string, unknown> {
  return { level, rule, path, message, fix: fix ?? null };
}

function renderProvider({ provider, model, compiled, findings }: ProviderSchema): string {
  const way = { format: 'as the format of the answer', tool: 'as the input of a forced tool' };
  const how = compiled ? way[compiled.mode] : 'cannot be given this schema';
  const lines = [heading(provider.name, model === undefined ? how : `${model}, ${how}`)];
  if (compiled) lines.push(visibleLines(JSON.stringify(compiled.schema, undefined, 2)));
  return [...lines, ...findings.map(render)].join('\n');
}

function heading(name: string, facts: string): string {
  return `${paint(process.stdout, 'bold', visible(name))}  ${visible(facts)}`;
}

/** `level  path  what; fix`, broken to the width of the screen. */
function render({ level, path, message, fix }: Finding): string {
  const text = fix === undefined ? message : `${message}; ${asClause(fix)}`;
  const width = Math.max(NARROWEST, widthOf(process.stdout)) - LEVEL_WIDTH;
  const [first = '', ...others] = broken(visible(`${path || '/'}  ${text}`), width);
  const margin = ' '.repeat(LEVEL_WIDTH);
  const label = paint(process.stdout, STYLES[level], level) + margin.slice(level.length);
  return [label + first, ...others.map((line) => margin + line)].join('\n');
}

/** Advice is written as a sentence. */
function asClause(fix: string): string {
  return fix.charAt(0).toLowerCase() + fix.slice(1).replace(/\.$/, '');
}

/** Breaks at blanks. A word that is longer than a line has one of its own. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/(?<=\S)(?= )/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length <= width) lines[lines.length - 1] = last + word;
    else lines.push(word.trimStart());
  }
  return lines;
}
