import { appendPointer } from '@instructor-cli/provider-kit/json-schema';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import type { OwnCheck } from './response-model.js';

/** What a zod schema does with an answer that its JSON Schema does not tell, one for each kind. */
export function ownChecksOf(schema: $ZodType, path: readonly (string | number)[]): OwnCheck[] {
  const { def } = (schema as $ZodTypes)._zod;
  const kinds = new Set<OwnCheck['kind']>();
  for (const check of def.checks ?? []) {
    // `.trim()` and the like rewrite the value; `.refine()` and `.superRefine()` judge it.
    const word = check._zod.def.check;
    if (word === 'overwrite') kinds.add('transform');
    if (word === 'custom' || word === 'property') kinds.add('refinement');
  }
  if (def.type === 'custom') kinds.add('refinement');
  if (def.type === 'pipe') kinds.add(changesValue(def) ? 'transform' : 'refinement');
  return [...kinds].map((kind) => ({ path: appendPointer('', ...path), kind }));
}

/** Of `.transform()`, `z.preprocess()` and codecs; a plain `.pipe()` only adds a second schema to keep to. */
function changesValue(def: Extract<$ZodTypes['_zod']['def'], { type: 'pipe' }>): boolean {
  const isTransform = (part: $ZodType): boolean => part._zod.def.type === 'transform';
  return isTransform(def.in) || isTransform(def.out) || def.transform !== undefined;
}
