import { lookUp } from '../answers/schema-node.js';
import { isObject } from '../objects.js';

/** Bounds that the grammar of constrained answers cannot express, by type. */
const UNSUPPORTED: Record<string, string[]> = {
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  string: ['minLength', 'maxLength'],
  array: ['maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'prefixItems'],
  object: ['minProperties', 'maxProperties', 'patternProperties', 'propertyNames'],
};
const FORBIDDEN = ['oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas'];
const FORMATS = ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'];
const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;
/** Deeper than any schema that the service would compile; it keeps a hostile one from running forever. */
const MAX_LEVELS = 200;

/** The first thing that the service refuses in the schema of an answer; undefined if it takes it. */
export function schemaProblem(schema: unknown): string | undefined {
  return new SchemaCheck(schema).run();
}

class SchemaCheck {
  #optional = 0;
  #unions = 0;

  constructor(private readonly root: unknown) {}

  run(): string | undefined {
    const problem = this.node(this.root, [], 0);
    if (problem) return problem;
    if (this.#optional > MAX_OPTIONAL) {
      return `Schemas contain too many optional parameters (${this.#optional}). Limit: ${MAX_OPTIONAL}.`;
    }
    if (this.#unions > MAX_UNIONS) {
      return `Schemas contain too many parameters with union types (${this.#unions}). Limit: ${MAX_UNIONS}.`;
    }
    return undefined;
  }

  private node(node: unknown, references: string[], level: number): string | undefined {
    if (!isObject(node)) return 'Input should be a valid dictionary';
    if (level > MAX_LEVELS) return 'Schema is too complex for compilation.';
    if (typeof node.$ref === 'string') return this.reference(node.$ref, references, level);
    const forbidden = FORBIDDEN.find((keyword) => keyword in node);
    if (forbidden) return `Schema keyword '${forbidden}' is not supported`;
    if (Array.isArray(node.type) || Array.isArray(node.anyOf)) this.#unions++;
    return this.bounds(node) ?? this.object(node) ?? this.children(node, references, level + 1);
  }

  private reference(reference: string, references: string[], level: number): string | undefined {
    if (!reference.startsWith('#')) return `External schema reference '${reference}' is not supported`;
    if (references.includes(reference)) return `Recursive schema reference '${reference}' is not supported`;
    const target = lookUp(this.root, reference);
    if (target === undefined) return `Schema reference '${reference}' cannot be resolved`;
    return this.node(target, [...references, reference], level + 1);
  }

  private bounds(node: Record<string, unknown>): string | undefined {
    const types = (Array.isArray(node.type) ? node.type : [node.type]).map(String);
    for (const type of types) {
      const found = (UNSUPPORTED[type] ?? []).filter((keyword) => keyword in node);
      if (found.length > 0) {
        const list = found.join(', ');
        return `For '${type}' type, ${found.length > 1 ? 'properties' : 'property'} ${list} ${found.length > 1 ? 'are' : 'is'} not supported`;
      }
    }
    if (types.includes('array') && Number(node.minItems ?? 0) > 1) {
      return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
    }
    if (typeof node.format === 'string' && !FORMATS.includes(node.format)) {
      return `For 'string' type, format '${node.format}' is not supported`;
    }
    if (Array.isArray(node.enum) && node.enum.some((value) => typeof value === 'object' && value !== null)) {
      return 'Enum values must be primitives';
    }
    return undefined;
  }

  private object(node: Record<string, unknown>): string | undefined {
    const isObjectNode = node.type === 'object' || (Array.isArray(node.type) && node.type.includes('object'));
    if (!isObjectNode) return undefined;
    if (node.additionalProperties !== false) {
      return "For 'object' type, 'additionalProperties' must be explicitly set to false";
    }
    const required = Array.isArray(node.required) ? node.required : [];
    const names = Object.keys(isObject(node.properties) ? node.properties : {});
    this.#optional += names.filter((name) => !required.includes(name)).length;
    return undefined;
  }

  private children(node: Record<string, unknown>, references: string[], level: number): string | undefined {
    if (Array.isArray(node.allOf) && node.allOf.some((part) => isObject(part) && '$ref' in part)) {
      return "'allOf' with '$ref' is not supported";
    }
    const children = [
      ...Object.values(isObject(node.properties) ? node.properties : {}),
      ...(Array.isArray(node.anyOf) ? (node.anyOf as unknown[]) : []),
      ...(Array.isArray(node.allOf) ? (node.allOf as unknown[]) : []),
      ...(node.items === undefined ? [] : [node.items]),
    ];
    for (const child of children) {
      const problem = this.node(child, references, level);
      if (problem) return problem;
    }
    return undefined;
  }
}
