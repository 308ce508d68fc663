import { isRecord } from '@instructor-cli/provider-kit/json-schema';
import type { Finding } from './finding.js';
import { describeOpenness } from './open-schema.js';
import type { ResponseModel } from './response-model.js';
import { alternatives } from './schema-parts.js';
import { placesOf, type SchemaPlace } from './schema-places.js';

/** What can be said about a response model whoever the provider is. */
export function lintSchema({ jsonSchema, ownChecks = [] }: ResponseModel): Finding[] {
  const { places } = placesOf(jsonSchema);
  const findings: Finding[] = ownChecks.map(({ path, kind }) => ({
    level: 'info',
    path,
    ...OWN_CHECKS[kind],
  }));
  for (const place of places) {
    if (place.property && !isDescribed(jsonSchema, place)) {
      findings.push({
        level: 'warning',
        rule: 'no_description',
        path: place.path,
        message: 'has no description: its name is all that the model has to go by',
        fix: 'Say what belongs into it, with "description" or .describe("…")',
      });
    }
    const open = describeOpenness(jsonSchema, place.schema);
    if (open) findings.push({ level: 'warning', rule: 'free_form', path: place.path, ...open });
  }
  return findings;
}

const OWN_CHECKS = {
  refinement: {
    rule: 'refinement',
    message: 'has a refinement, which cannot be sent; it runs on the answer',
    fix: 'Say in the description what it demands, for the model to keep to',
  },
  transform: {
    rule: 'transform',
    message: 'has a transform; the model writes what goes into it, and it runs on the answer',
    fix: 'Say in the description what has to go into it',
  },
} as const;

/** A constant explains itself, and a property that must not be there needs no words. */
function isDescribed(root: ResponseModel['jsonSchema'], { schema, property }: SchemaPlace): boolean {
  if (!isRecord(schema)) return schema === false;
  if (isRecord(schema.not) && Object.keys(schema.not).length === 0) return true;
  return alternatives(root, schema).some(
    ({ description, title, const: constant, enum: values }) =>
      isText(description) ||
      // Generators title each property with its own name.
      (isText(title) && letters(title) !== letters(property?.name ?? '')) ||
      constant !== undefined ||
      (Array.isArray(values) && values.length === 1),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
