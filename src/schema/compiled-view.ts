import type { CompiledSchema } from '@instructor-cli/provider-kit';
import { isRecord, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { alternatives, requiredNames } from './schema-parts.js';
import type { Step } from './schema-places.js';

/** A compiled schema, looked at from the places of the user's. It asks for no knowledge of the provider. */
export class CompiledView {
  /** The property that the root was put under, if it was. */
  readonly wrappedUnder: string | undefined;
  private readonly root: JsonSchema;

  constructor({ schema, decode }: CompiledSchema) {
    this.root = schema;
    const [name, ...others] = Object.keys(propertiesOf(schema));
    // Only what was wrapped is unwrapped again.
    if (name !== undefined && others.length === 0 && decode({ [name]: 0 }) === 0) this.wrappedUnder = name;
  }

  /** What became of an optional property; undefined where it is not sent at all. */
  fateOf(trail: readonly Step[]): 'optional' | 'nullable' | undefined {
    const last = trail.at(-1);
    if (typeof last !== 'object') return undefined;
    const holders = this.at(trail.slice(0, -1)).filter((part) =>
      Object.hasOwn(propertiesOf(part), last.property),
    );
    if (holders.length === 0) return undefined;
    const always = holders.every((part) => requiredNames(this.root, part).includes(last.property));
    return always ? 'nullable' : 'optional';
  }

  /** All schemas that may describe the value at the end of a trail. */
  private at(trail: readonly Step[]): JsonSchema[] {
    const start: unknown =
      this.wrappedUnder === undefined ? this.root : propertiesOf(this.root)[this.wrappedUnder];
    return trail.reduce(
      (parts, step) =>
        parts.flatMap((part) => inside(part, step)).flatMap((child) => alternatives(this.root, child)),
      alternatives(this.root, start),
    );
  }
}

function inside(part: JsonSchema, step: Step): unknown[] {
  if (step === 'item') return [part.items, part.prefixItems].flat();
  const properties = propertiesOf(part);
  if (step === 'key') return [part.additionalProperties, ...Object.values(properties)];
  return Object.hasOwn(properties, step.property) ? [properties[step.property]] : [];
}

function propertiesOf(schema: JsonSchema): Record<string, unknown> {
  return isRecord(schema.properties) ? schema.properties : {};
}
