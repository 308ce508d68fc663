import type { FlatSchema } from './flatten.js';
import type { SchemaDialect } from './dialect.js';
import { concerns } from './constraints.js';
import { describeConstraint } from './describe.js';
import type { JsonSchema, SchemaPart, TypeName } from './types.js';
import type { SchemaChange } from '../contract/requests.js';

/** What the parts of the compiler share while one schema is written. */
export interface Emitter {
  root: JsonSchema;
  dialect: SchemaDialect;
  /** Writes the schema that several parts make together; undefined if no value fits them. */
  emit(parts: SchemaPart[]): JsonSchema | undefined;
  drop(change: SchemaChange): void;
}

/** A schema on its way out, and what has to be told in its description. */
export interface Draft {
  schema: JsonSchema;
  notes: string[];
}

/** Writes the constraints of a type: as keywords where the provider knows them, in words otherwise. */
export function applyConstraints(emitter: Emitter, flat: FlatSchema, type: TypeName, draft: Draft): void {
  for (const { keyword, value, path } of flat.constraints) {
    if (!concerns({ keyword, value, path }, type)) continue;
    // A second pattern or divisor has no keyword left; a pattern beside a format repeats it, as zod's do.
    const taken = keyword in draft.schema;
    const repeatsFormat = keyword === 'pattern' && 'format' in draft.schema;
    if (!taken && !repeatsFormat && emitter.dialect.keeps(keyword, value)) {
      draft.schema[keyword] = value;
      continue;
    }
    const note = repeatsFormat ? undefined : describeConstraint(keyword, value);
    if (note) draft.notes.push(note);
    const told = note === undefined ? '' : 'the model is told in the description, and ';
    emitter.drop({
      path,
      keyword,
      message: `${emitter.dialect.provider} does not enforce "${keyword}"; ${told}the answer is checked against it`,
    });
  }
}
