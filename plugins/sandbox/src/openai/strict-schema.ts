import { lookUp } from '../answers/schema-node.js';
import { isObject } from '../objects.js';

/** What strict mode has no way to enforce. */
const FORBIDDEN = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
];
const FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];
const MAX_PROPERTIES = 5000;
const MAX_LEVELS = 10;
const MAX_ENUM_VALUES = 1000;

/** The first thing that strict mode refuses in a schema, in the words of the service; undefined if it takes it. */
export function strictSchemaProblem(schema: unknown): string | undefined {
  const root = rootProblem(schema);
  if (root) return root;
  return new StrictCheck(schema).node(schema, [], 0);
}

/** Asked of every schema, strict or not. */
export function rootProblem(schema: unknown): string | undefined {
  if (isObject(schema) && schema.type === 'object' && schema.anyOf === undefined) return undefined;
  const type = isObject(schema) ? schema.type : undefined;
  const got =
    type === undefined || type === 'object' ? 'None' : typeof type === 'string' ? type : JSON.stringify(type);
  return `schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`;
}

class StrictCheck {
  #properties = 0;
  #enumValues = 0;

  constructor(private readonly root: unknown) {}

  node(node: unknown, path: string[], level: number): string | undefined {
    const context = `In context=(${path.map((part) => `'${part}'`).join(', ')}${path.length === 1 ? ',' : ''}), `;
    if (!isObject(node)) return `${context}schema must be an object.`;
    if (level > MAX_LEVELS) return `${context}the schema has more than ${MAX_LEVELS} levels of nesting.`;
    if (typeof node.$ref === 'string') {
      if (lookUp(this.root, node.$ref) === undefined)
        return `${context}reference '${node.$ref}' cannot be resolved.`;
      return undefined;
    }
    const forbidden = FORBIDDEN.find((keyword) => keyword in node);
    if (forbidden) return `${context}'${forbidden}' is not permitted.`;
    if (typeof node.format === 'string' && !FORMATS.includes(node.format)) {
      return `${context}'${node.format}' is not a valid format.`;
    }
    if (Array.isArray(node.enum)) this.#enumValues += node.enum.length;
    if (this.#enumValues > MAX_ENUM_VALUES) {
      return `Expected at most ${MAX_ENUM_VALUES} enum values in total within a schema when using structured outputs.`;
    }
    if (!['type', 'enum', 'const', 'anyOf'].some((keyword) => keyword in node)) {
      return `${context}schema must have a 'type' key.`;
    }
    return this.object(node, context) ?? this.children(node, path, level);
  }

  private object(node: Record<string, unknown>, context: string): string | undefined {
    const isObjectNode = node.type === 'object' || (Array.isArray(node.type) && node.type.includes('object'));
    if (!isObjectNode) return undefined;
    if (node.additionalProperties !== false) {
      return `${context}'additionalProperties' is required to be supplied and to be false.`;
    }
    const names = Object.keys(isObject(node.properties) ? node.properties : {});
    this.#properties += names.length;
    if (this.#properties > MAX_PROPERTIES)
      return `Expected at most ${MAX_PROPERTIES} object properties in a schema.`;
    const required = Array.isArray(node.required) ? node.required : [];
    const rule = `${context}'required' is required to be supplied and to be an array including every key in properties.`;
    const left = names.find((name) => !required.includes(name));
    if (left !== undefined) return `${rule} Missing '${left}'.`;
    const extra = (required as unknown[]).map(String).find((name) => !names.includes(name));
    return extra === undefined ? undefined : `${rule} Extra required key '${extra}' supplied.`;
  }

  private children(node: Record<string, unknown>, path: string[], level: number): string | undefined {
    const isArrayNode = node.type === 'array' || (Array.isArray(node.type) && node.type.includes('array'));
    if (isArrayNode && node.items === undefined) {
      return `In context=(${path.map((part) => `'${part}'`).join(', ')}), array schema missing items.`;
    }
    for (const group of ['properties', '$defs', 'definitions']) {
      const nodes = node[group];
      for (const [name, child] of Object.entries(isObject(nodes) ? nodes : {})) {
        const problem = this.node(child, [...path, group, name], group === 'properties' ? level + 1 : 0);
        if (problem) return problem;
      }
    }
    if (node.items !== undefined) {
      const problem = this.node(node.items, [...path, 'items'], level + 1);
      if (problem) return problem;
    }
    for (const [place, child] of (Array.isArray(node.anyOf) ? node.anyOf : []).entries()) {
      const problem = this.node(child, [...path, 'anyOf', String(place)], level);
      if (problem) return problem;
    }
    return undefined;
  }
}
