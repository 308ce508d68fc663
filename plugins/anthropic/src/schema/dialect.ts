import { isPlainPattern, type SchemaDialect } from '@instructor-cli/provider-kit/json-schema';

const FORMATS = new Set<unknown>([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

export function anthropicDialect({ optional }: Pick<SchemaDialect, 'optional'>): SchemaDialect {
  return {
    provider: 'Anthropic',
    recursion: false,
    nullableTypes: false,
    optional,
    keeps(keyword, value) {
      if (keyword === 'format') return FORMATS.has(value);
      if (keyword === 'pattern') return isPlainPattern(value) && !hasLargeRepetition(String(value));
      if (keyword === 'minItems') return value === 0 || value === 1;
      return keyword === 'default';
    },
  };
}

/** Anthropic compiles a pattern into a grammar, where `{1,500}` is five hundred rules. */
function hasLargeRepetition(pattern: string): boolean {
  return [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(
    ([, from, to]) => Math.max(Number(from), Number(to ?? 0)) > 20,
  );
}
