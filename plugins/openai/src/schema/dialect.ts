import { isPlainPattern, type SchemaDialect } from '@instructor-cli/provider-kit/json-schema';

const FORMATS = new Set<unknown>([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** String lengths are missing from OpenAI's list of supported properties. */
const BOUNDS = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
]);

export function openaiDialect(model: string): SchemaDialect {
  const fineTuned = isFineTuned(model);
  return {
    provider: fineTuned ? 'OpenAI (for fine-tuned models)' : 'OpenAI',
    recursion: true,
    nullableTypes: true,
    optional: () => 'nullable',
    keeps(keyword, value) {
      if (fineTuned) return false;
      if (keyword === 'format') return FORMATS.has(value);
      if (keyword === 'pattern') return isPlainPattern(value);
      return BOUNDS.has(keyword);
    },
  };
}

/** Fine-tuned models know no bounds, patterns or formats. Their names begin with `ft:`, or say so after a colon. */
export function isFineTuned(model: string): boolean {
  return /(^|\/)ft:/.test(model);
}
