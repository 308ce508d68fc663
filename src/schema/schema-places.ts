import { appendPointer, isRecord, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { requiredNames, targetOf } from './schema-parts.js';

/** A step from a value into it: a property, any item of an array, or any further key of an object. */
export type Step = { property: string } | 'item' | 'key';

/** A place of a schema that says what some value of the answer is. */
export interface SchemaPlace {
  schema: JsonSchema | boolean;
  /** A JSON pointer; what stands in a definition has its path there. */
  path: string;
  /** How to get to the value in an answer. */
  trail: readonly Step[];
  /** Set where the value is a property. */
  property?: { name: string; optional: boolean };
}

export interface SchemaPlaces {
  places: SchemaPlace[];
  /** Where the schema refers to what it stands in. */
  recursions: string[];
}

/** All places of a schema, in the order of the document. Definitions are read once, where they are first used. */
export function placesOf(root: JsonSchema): SchemaPlaces {
  const walk = new Walk(root);
  walk.place({ schema: root, path: '', trail: [] });
  return walk;
}

class Walk implements SchemaPlaces {
  readonly places: SchemaPlace[] = [];
  readonly recursions: string[] = [];
  private readonly seen = new Set<string>();
  private readonly active = new Set<string>();

  constructor(private readonly root: JsonSchema) {}

  place(place: SchemaPlace, required: readonly string[] = []): void {
    this.places.push(place);
    this.enter(place, required);
  }

  /** `required` are the names that the schemas around demand of the same value. */
  private enter({ schema, path, trail }: SchemaPlace, required: readonly string[]): void {
    if (!isRecord(schema) || this.seen.has(path)) return;
    this.seen.add(path);
    this.active.add(path);
    const wanted = [...required, ...requiredNames(this.root, schema)];
    const target = targetOf(this.root, schema.$ref);
    if (target && this.active.has(target.path)) this.recursions.push(path);
    else if (target) this.enter({ ...target, trail }, wanted);
    for (const [part, at] of listed(schema, path, 'allOf'))
      this.enter({ schema: part, path: at, trail }, wanted);
    for (const keyword of ['anyOf', 'oneOf']) {
      for (const [part, at] of listed(schema, path, keyword))
        this.place({ schema: part, path: at, trail }, wanted);
    }
    this.properties(schema, path, trail, wanted);
    this.items(schema, path, trail);
    this.active.delete(path);
  }

  private properties(
    schema: JsonSchema,
    path: string,
    trail: readonly Step[],
    required: readonly string[],
  ): void {
    for (const [name, child] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
      this.place({
        schema: child as JsonSchema,
        path: appendPointer(path, 'properties', name),
        trail: [...trail, { property: name }],
        property: { name, optional: !required.includes(name) },
      });
    }
    const further = schema.additionalProperties;
    // Without a demand on them they are only allowed, not described.
    if (isRecord(further) && Object.keys(further).length > 0) {
      this.place({
        schema: further,
        path: appendPointer(path, 'additionalProperties'),
        trail: [...trail, 'key'],
      });
    }
  }

  private items(schema: JsonSchema, path: string, trail: readonly Step[]): void {
    const inside = [...trail, 'item'] as const;
    for (const keyword of ['prefixItems', 'items']) {
      for (const [part, at] of listed(schema, path, keyword))
        this.place({ schema: part, path: at, trail: inside });
    }
    if (isRecord(schema.items)) {
      this.place({ schema: schema.items, path: appendPointer(path, 'items'), trail: inside });
    }
  }
}

function listed(schema: JsonSchema, path: string, keyword: string): [JsonSchema, string][] {
  const list = schema[keyword];
  if (!Array.isArray(list)) return [];
  return list.map((part: JsonSchema, index) => [part, appendPointer(path, keyword, index)]);
}
