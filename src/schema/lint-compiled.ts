import type { CompiledSchema, SchemaChange } from '@instructor-cli/provider-kit';
import { isRecord, readPointer, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { CompiledView } from './compiled-view.js';
import type { Finding } from './finding.js';
import { mentionsNull } from './schema-parts.js';
import { placesOf } from './schema-places.js';

/** What became of a schema on its way to one provider, and what that means for the answers. */
export function lintCompiled(original: JsonSchema, compiled: CompiledSchema, provider: string): Finding[] {
  const { places, recursions } = placesOf(original);
  const view = new CompiledView(compiled);
  const findings: Finding[] = compiled.dropped.map((change) => dropped(original, change));
  if (view.wrappedUnder !== undefined) {
    findings.push({
      level: 'info',
      rule: 'wrapped',
      path: '',
      message: `is not a plain object, so it is sent as the property "${view.wrappedUnder}" of one; answers come without it`,
      fix: 'Nothing to do',
    });
  }
  for (const path of recursions) {
    findings.push({
      level: 'info',
      rule: 'recursion',
      path,
      message: `contains the schema that it stands in, which ${provider} accepts`,
      fix: 'Say in a description how deep it should go: nothing else does',
    });
  }
  for (const { path, trail, schema, property } of places) {
    if (!property?.optional) continue;
    const fate = view.fateOf(trail);
    if (fate === undefined) continue;
    findings.push({
      level: 'info',
      rule: 'optional',
      path,
      message: fate === 'optional' ? MAY_BE_ABSENT : nullInstead(mentionsNull(original, schema), provider),
      fix: 'Make it required if every answer must have it',
    });
  }
  return findings;
}

const MAY_BE_ABSENT = 'is optional, and the model may leave it out';

function nullInstead(nullIsTheirs: boolean, provider: string): string {
  const back = nullIsTheirs ? 'null is left as it is' : 'null comes back as absent';
  return `is optional, which ${provider} is told as required but possibly null; ${back}`;
}

const DROPPED_FIXES: Record<string, string> = {
  additionalProperties: 'Declare the properties that you need, or use an array of {key, value} objects',
  patternProperties: 'Declare the properties that you need, or use an array of {key, value} objects',
  prefixItems: 'Use an object with a property for each place',
  items: 'Use an object with a property for each place',
};

function dropped(original: JsonSchema, { path, keyword, message }: SchemaChange): Finding {
  const fix = DROPPED_FIXES[keyword] ?? 'Loosen it if too many rows come out invalid';
  return {
    level: isRepeated(original, path, keyword) ? 'info' : 'warning',
    rule: 'not_enforced',
    path,
    message,
    fix,
  };
}

/** zod writes a pattern beside every format, which says the same once more. */
function isRepeated(original: JsonSchema, path: string, keyword: string): boolean {
  const holder = readPointer(original, path);
  return keyword === 'pattern' && isRecord(holder) && typeof holder.format === 'string';
}
