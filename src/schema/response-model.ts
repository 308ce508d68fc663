import { isRecord, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { ResponseModelError } from './response-model-error.js';
import { standardProps, type StandardSchemaV1 } from './standard-schema.js';

export type ValidationResult<T = unknown> = { ok: true; value: T } | { ok: false; issues: ValidationIssue[] };

export interface ValidationIssue {
  /** Such as `items[0].name`; empty for the whole answer. */
  path: string;
  message: string;
}

/** A refinement or a transform: code of the user's, which runs on the answer and cannot be sent to anyone. */
export interface OwnCheck {
  /** A JSON pointer into the JSON Schema; for a schema that is used in several places, the first of them. */
  path: string;
  kind: 'refinement' | 'transform';
}

/** What answers have to look like: as JSON Schema for the provider, and as a check of what comes back. */
export interface ResponseModel<T = unknown> {
  name: string;
  jsonSchema: JsonSchema;
  /** What `validate` does beyond the JSON Schema, as far as the library tells. */
  ownChecks?: OwnCheck[];
  /** Checks an answer and gives it its final form. Synchronous unless the user's schema is not. */
  validate(value: unknown): ValidationResult<T> | Promise<ValidationResult<T>>;
}

/** All that can be given as a model of the answers. `T` is the type after validation; JSON Schema leaves it unknown. */
export type ResponseModelInput<T = unknown> =
  StandardSchemaV1<unknown, T> | ResponseModel<T> | { readonly [keyword: string]: unknown };

/**
 * Makes a response model of a zod 4 schema, a schema of any library with Standard JSON Schema, or a JSON Schema.
 * Throws a `ResponseModelError` for anything else.
 *
 * @example
 * const model = await toResponseModel(z.object({ name: z.string() }), 'Person');
 * model.validate({ name: 'Ada' }); // { ok: true, value: { name: 'Ada' } }
 */
export async function toResponseModel<T = unknown>(
  value: ResponseModelInput<T>,
  name?: string,
): Promise<ResponseModel<T>>;
export async function toResponseModel(value: unknown, name?: string): Promise<ResponseModel>;
export async function toResponseModel(value: unknown, name?: string): Promise<ResponseModel> {
  if (isResponseModel(value)) return name === undefined ? value : { ...value, name };
  switch (schemaKind(value)) {
    case 'zod': {
      const { zodModel } = await import('./zod-model.js');
      return zodModel(value, name);
    }
    case 'standard': {
      const { standardModel } = await import('./standard-model.js');
      return standardModel(value, name);
    }
    case 'json-schema': {
      const { jsonSchemaModel } = await import('./json-schema-model.js');
      return jsonSchemaModel(value as JsonSchema, name);
    }
    case 'zod-3':
      throw new ResponseModelError(
        `${name ?? 'the schema'} was made with zod 3, which cannot be turned into JSON Schema`,
        'Upgrade to zod 4: npm install zod@4. (With zod 3.25, import from "zod/v4".)',
      );
    default:
      throw new ResponseModelError(
        `${name ?? 'the value'} is ${describeValue(value)}, not a schema`,
        'Give a zod schema such as z.object({ … }), or a JSON Schema object.',
      );
  }
}

export type SchemaKind = 'zod' | 'zod-3' | 'standard' | 'json-schema';

/** What sort of schema a value is, judged by its looks: the library it came from may be another copy than ours. */
export function schemaKind(value: unknown): SchemaKind | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  if ('_zod' in value) return 'zod';
  if ('_def' in value && 'safeParse' in value) return 'zod-3';
  if (standardProps(value)) return 'standard';
  return isRecord(value) && looksLikeJsonSchema(value) ? 'json-schema' : undefined;
}

function isResponseModel(value: unknown): value is ResponseModel {
  return (
    isRecord(value) &&
    typeof value.validate === 'function' &&
    isRecord(value.jsonSchema) &&
    typeof value.name === 'string'
  );
}

function looksLikeJsonSchema(value: Record<string, unknown>): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)
    return false;
  if (typeof value.$schema === 'string' || typeof value.$ref === 'string') return true;
  if (['anyOf', 'oneOf', 'allOf', 'enum'].some((keyword) => Array.isArray(value[keyword]))) return true;
  return 'const' in value || isRecord(value.properties) || isType(value.type);
}

function isType(type: unknown): boolean {
  const names = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
  return [type].flat().length > 0 && [type].flat().every((name) => names.includes(name as string));
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
