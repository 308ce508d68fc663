import type { Random } from '../random.js';
import { minimalDepth } from './minimal-depth.js';
import { generateNumber } from './number.js';
import { branchesOf, flatten, merge, typesOf, type SchemaObject } from './schema-node.js';
import { isObject, omit } from '../objects.js';
import { generateString } from './string.js';
import { word, words } from './words.js';

/** Below this level nothing is optional any more and every choice is the one that ends soonest. */
const FREE_DEPTH = 3;
const MAX_DEPTH = 48;

/** A value that fits a JSON Schema. The same schema and random series give the same value. */
export function generateValue(schema: unknown, random: Random): unknown {
  return new ValueWriter(schema, random).value(schema, 0);
}

class ValueWriter {
  constructor(
    private readonly root: unknown,
    private readonly random: Random,
  ) {}

  value(node: unknown, depth: number): unknown {
    const schema = flatten(node, this.root);
    if (depth > MAX_DEPTH) return null;
    if ('const' in schema) return schema.const;
    if (Array.isArray(schema.enum) && schema.enum.length > 0) return this.random.pick(schema.enum);
    const branches = branchesOf(schema);
    if (branches?.length) {
      const base = omit(schema, 'anyOf', 'oneOf');
      return this.value(merge(base, flatten(this.choose(branches, depth), this.root)), depth);
    }
    switch (this.typeOf(schema, depth)) {
      case 'object':
        return this.object(schema, depth);
      case 'array':
        return this.array(schema, depth);
      case 'integer':
        return generateNumber(schema, true, this.random);
      case 'number':
        return generateNumber(schema, false, this.random);
      case 'boolean':
        return this.random.chance(0.5);
      case 'null':
        return null;
      case 'string':
        return generateString(schema, this.random);
      default:
        return words(this.random, 2);
    }
  }

  /** Null is a fine answer, but a dull one: it is taken once in five times. */
  private choose(branches: unknown[], depth: number): unknown {
    if (depth >= FREE_DEPTH) {
      const depths = branches.map((branch) => minimalDepth(branch, this.root));
      return branches[depths.indexOf(Math.min(...depths))];
    }
    const speaking = branches.filter((branch) => flatten(branch, this.root).type !== 'null');
    return this.random.pick(speaking.length > 0 && this.random.chance(0.8) ? speaking : branches);
  }

  private typeOf(schema: SchemaObject, depth: number): string | undefined {
    const types = typesOf(schema);
    if (types.length < 2) return types[0];
    if (depth >= FREE_DEPTH && types.includes('null')) return 'null';
    const speaking = types.filter((type) => type !== 'null');
    return this.random.pick(this.random.chance(0.8) ? speaking : types);
  }

  private object(schema: SchemaObject, depth: number): Record<string, unknown> {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);
    const result: Record<string, unknown> = {};
    for (const [name, node] of Object.entries(properties)) {
      const wanted = required.has(name) || (node !== false && depth < FREE_DEPTH && this.random.chance(0.7));
      if (wanted) define(result, name, this.value(node, depth + 1));
    }
    for (const name of required) {
      if (!Object.hasOwn(result, name))
        define(result, name, this.value(schema.additionalProperties, depth + 1));
    }
    this.fill(result, schema, properties, depth);
    return result;
  }

  /** Adds properties until there are enough, and a few to a map, which would be empty otherwise. */
  private fill(
    result: Record<string, unknown>,
    schema: SchemaObject,
    known: SchemaObject,
    depth: number,
  ): void {
    const isMap = isObject(schema.additionalProperties) && Object.keys(known).length === 0;
    const least = Math.max(Number(schema.minProperties ?? 0), isMap && depth < FREE_DEPTH ? 2 : 0);
    const wanted = Math.min(least, Number(schema.maxProperties ?? Infinity));
    for (const name of Object.keys(known)) {
      if (Object.keys(result).length >= wanted) return;
      if (!Object.hasOwn(result, name)) define(result, name, this.value(known[name], depth + 1));
    }
    if (schema.additionalProperties === false) return;
    for (let number = 1; Object.keys(result).length < wanted; number++) {
      define(result, `${word(this.random)}_${number}`, this.value(schema.additionalProperties, depth + 1));
    }
  }

  private array(schema: SchemaObject, depth: number): unknown[] {
    const minimum = Number(schema.minItems ?? 0);
    const maximum = Number(schema.maxItems ?? Infinity);
    const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    const result = first.slice(0, maximum).map((node) => this.value(node, depth + 1));
    if (schema.contains !== undefined && result.length < maximum) {
      result.push(
        this.value(merge(flatten(schema.items, this.root), flatten(schema.contains, this.root)), depth + 1),
      );
    }
    if (schema.items === false) return result;
    const free = depth < FREE_DEPTH && first.length === 0 ? this.random.integer(1, 3) : 0;
    const wanted = Math.min(Math.max(minimum, free), maximum);
    const seen = new Set(result.map((item) => JSON.stringify(item)));
    for (let attempt = 0; result.length < wanted && attempt < wanted * 20 + 20; attempt++) {
      const item = this.value(schema.items, depth + 1);
      const text = JSON.stringify(item);
      if (schema.uniqueItems === true && seen.has(text)) continue;
      seen.add(text);
      result.push(item);
    }
    return result;
  }
}

/** Plain assignment to `__proto__` would change the prototype and lose the property. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
