import { allowsNull } from './allows-null.js';
import { itemParts, prefixLength } from './array-shape.js';
import { flatten, type FlatSchema } from './flatten.js';
import { makeArrayShape, makeObjectShape, makeUnionShape, type PropertyShape } from './shape-kinds.js';
import { aliasedPart } from './resolve-reference.js';
import {
  identityOf,
  isRecord,
  keywordOf,
  sameJson,
  without,
  type JsonSchema,
  type SchemaPart,
  type TypeName,
} from './types.js';
import { unionBranches } from './union.js';

/** A schema made ready to read answers with. */
export interface Shape {
  /** Whether an answer has this form. Bounds and patterns do not count: they never tell branches apart safely. */
  fits: (value: unknown) => boolean;
  /** Gives an answer the form of the user's schema; absent if there is nothing to do. */
  decode?: (value: unknown) => unknown;
}

export const ANY_SHAPE: Shape = { fits: () => true };

/** Makes shapes of a schema, each once. */
export class ShapeMaker {
  private readonly shapes = new Map<string, Shape>();

  constructor(private readonly root: JsonSchema) {}

  shapeOf(parts: SchemaPart[]): Shape {
    const target = parts.length === 1 ? aliasedPart(this.root, parts[0] as SchemaPart) : undefined;
    const real = target ? [target] : parts;
    const identity = identityOf(real);
    const known = this.shapes.get(identity);
    if (known) return known;
    // Registered before it is made, so that a schema that contains itself finds it.
    const made: { shape?: Shape } = {};
    this.shapes.set(identity, {
      fits: (value) => made.shape?.fits(value) ?? true,
      decode: (value) => (made.shape?.decode ? made.shape.decode(value) : value),
    });
    made.shape = this.make(real);
    this.shapes.set(identity, made.shape);
    return made.shape;
  }

  private make(parts: SchemaPart[]): Shape {
    const [part] = parts as [SchemaPart];
    if (parts.length === 1 && keywordOf(part, 'nullable') === true && keywordOf(part, 'type') === undefined) {
      return makeUnionShape([
        { fits: (value) => value === null },
        this.shapeOf([without(part, ['nullable'])]),
      ]);
    }
    const flat = flatten(this.root, parts);
    if (flat.never) return { fits: () => false };
    if (flat.groups.length > 0) {
      return makeUnionShape(unionBranches(this.root, flat).map((branch) => this.shapeOf(branch)));
    }
    const { values, types } = flat;
    if (values) return { fits: (value) => values.some((other) => sameJson(other, value)) };
    if (!types) return ANY_SHAPE;
    const shapes = [...types].map((type) => this.makeTyped(type, flat));
    return shapes.length === 1 ? (shapes[0] as Shape) : makeUnionShape(shapes);
  }

  private makeTyped(type: TypeName, flat: FlatSchema): Shape {
    switch (type) {
      case 'object':
        return this.makeObject(flat);
      case 'array':
        return this.makeArray(flat);
      case 'null':
        return { fits: (value) => value === null };
      case 'integer':
        return { fits: Number.isInteger };
      default:
        return { fits: (value) => typeof value === type };
    }
  }

  private makeObject(flat: FlatSchema): Shape {
    const properties: PropertyShape[] = [...flat.object.properties].map(([name, parts]) => {
      const optional = !flat.object.required.has(name);
      return {
        name,
        optional,
        strips: optional && !allowsNull(this.root, parts),
        shape: this.shapeOf(parts),
      };
    });
    const further = flat.object.open.find(
      (open) => isRecord(open.schema) && open.keyword === 'additionalProperties',
    );
    const rest =
      further && this.shapeOf([{ schema: further.schema, path: `${further.path}/${further.keyword}` }]);
    return makeObjectShape(properties, flat.object.open.length > 0, rest);
  }

  private makeArray(flat: FlatSchema): Shape {
    const length = prefixLength(flat.array);
    const prefix: Shape[] = [];
    for (let index = 0; index < length; index += 1) prefix.push(this.item(flat, index));
    return makeArrayShape(prefix, this.item(flat, length));
  }

  private item(flat: FlatSchema, index: number): Shape {
    const parts = itemParts(flat.array, index);
    if (!parts) return { fits: () => false };
    return parts.length === 0 ? ANY_SHAPE : this.shapeOf(parts);
  }
}
