import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import { ResponseModelError } from './response-model-error.js';
import type { OwnCheck, ResponseModel } from './response-model.js';
import { plainSchema, standardValidator, titleOf } from './standard-model.js';
import type { StandardProps } from './standard-schema.js';
import { ownChecksOf } from './zod-own-checks.js';

const TEXT_INSTEAD = 'Ask for a string and convert it: z.iso.datetime().transform((text) => new Date(text)).';

/** Types that JSON does not have, and what to write instead. */
const FIXES: Record<string, string> = {
  date: TEXT_INSTEAD,
  bigint: 'Use z.int(), or z.string().transform(BigInt).',
  map: 'Use z.array(z.object({ key: …, value: … })), with a .transform() if you need the Map.',
  set: 'Use z.array(…), with a .transform() if you need the Set.',
  undefined: 'Use .optional() on the property.',
  void: 'Use .optional() on the property.',
  symbol: 'Use z.string() or z.enum([…]).',
  nan: 'Use z.number().nullable().',
  function: 'Leave it out of the schema.',
  custom: 'Use a type that JSON has, with .refine() or .transform(); or give it .meta({ type: … }).',
  transform: 'Begin with the type you expect: z.string().transform(…).',
  literal: 'Use strings, numbers, booleans and null as literals.',
};

const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples', 'id', 'readOnly', 'deprecated']);

interface Unrepresentable {
  schema: $ZodType;
  type: string;
  path: string;
}

/** Makes a model of a zod 4 schema, of the `zod`, `zod/mini` or any other flavour and of any copy of the library. */
export async function zodModel(value: unknown, name?: string): Promise<ResponseModel> {
  const { globalRegistry, toJSONSchema } = await import('zod/v4/core');
  const schema = value as $ZodType;
  const found: Unrepresentable[] = [];
  const explained = new Set<unknown>();
  const ownChecks: OwnCheck[] = [];
  let converted: Record<string, unknown>;
  try {
    converted = toJSONSchema(schema, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema, path }) => {
        ownChecks.push(...ownChecksOf(zodSchema, path));
        // `.meta({ type: … })` makes a child of the schema, and speaks for its parent.
        if (saysSomething(jsonSchema)) explained.add(zodSchema._zod.parent);
        if (isUnrepresentable(zodSchema, jsonSchema)) {
          found.push({ schema: zodSchema, type: zodSchema._zod.def.type, path: ['', ...path].join('/') });
        }
      },
    });
  } catch (error) {
    throw new ResponseModelError(
      `${name ?? 'the schema'} cannot be turned into JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
      'Keep to types that JSON has: objects, arrays, strings, numbers, booleans and null.',
      error,
    );
  }
  const [problem] = found.filter((candidate) => !explained.has(candidate.schema)).reverse();
  if (problem) throw unrepresentable(problem, name);

  const jsonSchema = plainSchema(converted);
  const title = titleOf(jsonSchema) ?? globalRegistry.get(schema)?.id;
  const props = (schema as unknown as { '~standard': StandardProps })['~standard'];
  return { name: name ?? title ?? 'response', jsonSchema, ownChecks, validate: standardValidator(props) };
}

function isUnrepresentable(schema: $ZodTypes, jsonSchema: JsonSchema): boolean {
  const { def } = schema._zod;
  if (def.type === 'literal')
    return def.values.some((value) => typeof value === 'bigint' || value === undefined);
  return def.type in FIXES && !saysSomething(jsonSchema);
}

function saysSomething(jsonSchema: JsonSchema): boolean {
  return Object.keys(jsonSchema).some((keyword) => !ANNOTATIONS.has(keyword));
}

function unrepresentable({ type, path }: Unrepresentable, name: string | undefined): ResponseModelError {
  const place = path === '' ? (name ?? 'the schema') : `${path}${name ? ` of ${name}` : ''}`;
  return new ResponseModelError(
    `${place} is a zod ${type}, which JSON Schema cannot express`,
    FIXES[type] ?? 'Use a type that JSON has.',
  );
}
