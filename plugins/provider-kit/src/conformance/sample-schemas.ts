import type { JsonSchema } from '../json-schema/index.js';
import { isRecord } from './ensure.js';

/** A schema of a user, and what an answer to it looks like in the user's own terms. */
export interface SampleSchema {
  name: string;
  schema: JsonSchema;
  accepts(value: unknown): boolean;
}

const text = { type: 'string' };

export const SAMPLE_SCHEMAS: readonly SampleSchema[] = [
  {
    name: 'an object',
    schema: {
      type: 'object',
      description: 'A person',
      properties: { name: text, age: { type: 'integer', minimum: 0 } },
      required: ['name', 'age'],
    },
    accepts: (value) =>
      isRecord(value) && typeof value['name'] === 'string' && Number.isInteger(value['age']),
  },
  {
    name: 'an optional property',
    schema: { type: 'object', properties: { name: text, nick: text }, required: ['name'] },
    // Absent is absent: an answer with null would not fit the schema that the user wrote.
    accepts: (value) =>
      isRecord(value) &&
      typeof value['name'] === 'string' &&
      (!Object.hasOwn(value, 'nick') || typeof value['nick'] === 'string'),
  },
  {
    name: 'a list at the root',
    schema: { type: 'array', items: { type: 'object', properties: { tag: text }, required: ['tag'] } },
    accepts: (value) =>
      Array.isArray(value) && value.every((item) => isRecord(item) && typeof item['tag'] === 'string'),
  },
  {
    name: 'a choice at the root',
    schema: { enum: ['yes', 'no'] },
    accepts: (value) => value === 'yes' || value === 'no',
  },
  {
    name: 'a reference and a union',
    schema: {
      type: 'object',
      properties: { shape: { $ref: '#/$defs/shape' } },
      required: ['shape'],
      $defs: {
        shape: {
          anyOf: [
            { type: 'object', properties: { radius: { type: 'number' } }, required: ['radius'] },
            { type: 'null' },
          ],
        },
      },
    },
    accepts: (value) =>
      isRecord(value) &&
      (value['shape'] === null || (isRecord(value['shape']) && typeof value['shape']['radius'] === 'number')),
  },
  {
    name: 'a schema that contains itself',
    schema: {
      type: 'object',
      properties: { label: text, children: { type: 'array', items: { $ref: '#' } } },
      required: ['label', 'children'],
    },
    accepts: (value) =>
      isRecord(value) && typeof value['label'] === 'string' && Array.isArray(value['children']),
  },
];

/** How a model answers where a schema leaves it a choice. */
export type Habit = 'null where it may' | 'a value where it may';

/** An answer as a model with strict output would give it: small, but with every property that the schema names. */
export function answerTo(schema: unknown, habit: Habit, root: unknown = schema, depth = 0): unknown {
  if (!isRecord(schema)) return 'anything';
  if (typeof schema['$ref'] === 'string') {
    return answerTo(resolve(root, schema['$ref']), habit, root, depth + 1);
  }
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const branches = [schema['anyOf'], schema['oneOf']].find(Array.isArray) as unknown[] | undefined;
  if (branches) return answerTo(chosen(branches, habit), habit, root, depth + 1);
  const types = [schema['type']].flat();
  const type =
    habit === 'null where it may' && types.includes('null') ? 'null' : types.find((t) => t !== 'null');
  switch (type) {
    case 'object': {
      const properties = isRecord(schema['properties']) ? schema['properties'] : {};
      return Object.fromEntries(
        Object.entries(properties).map(([key, inner]) => [key, answerTo(inner, habit, root, depth + 1)]),
      );
    }
    case 'array':
      return depth > 6 ? [] : [answerTo(schema['items'], habit, root, depth + 4)];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'null':
    case undefined:
      return null;
    default:
      return 'text';
  }
}

function chosen(branches: unknown[], habit: Habit): unknown {
  const isNull = (branch: unknown): boolean => isRecord(branch) && branch['type'] === 'null';
  return branches.find((branch) => isNull(branch) === (habit === 'null where it may')) ?? branches[0];
}

function resolve(root: unknown, reference: string): unknown {
  const steps = reference.replace(/^#\/?/, '').split('/').filter(Boolean);
  return steps.reduce<unknown>((inner, step) => {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return isRecord(inner) ? inner[key] : undefined;
  }, root);
}
