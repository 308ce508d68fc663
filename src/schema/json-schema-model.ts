import { mapSchema, modernSchema, type JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import { issuePath } from './issue-path.js';
import { ResponseModelError } from './response-model-error.js';
import type { ResponseModel, ValidationIssue } from './response-model.js';
import { plainSchema, titleOf } from './standard-model.js';

/** Makes a model of a JSON Schema. Validation is synchronous. */
export async function jsonSchemaModel(schema: JsonSchema, name?: string): Promise<ResponseModel> {
  const jsonSchema = plainSchema(schema);
  const check = await compileValidator(schema, jsonSchema, name);
  return {
    name: name ?? titleOf(jsonSchema) ?? 'response',
    jsonSchema,
    validate: (value) =>
      check(value) ? { ok: true, value } : { ok: false, issues: (check.errors ?? []).map(toIssue) },
  };
}

async function compileValidator(
  original: JsonSchema,
  schema: JsonSchema,
  name?: string,
): Promise<ValidateFunction> {
  // Unknown keywords and formats are the user's business; ajv would print warnings about them.
  const options: Options = { strict: false, allErrors: true, logger: false, ownProperties: true };
  const { default: formats } = await import('ajv-formats');
  const draft7 = typeof original.$schema === 'string' && /draft-0?[67]/.test(original.$schema);
  try {
    if (draft7) {
      const { Ajv } = await import('ajv');
      return formats.default(new Ajv(options)).compile(schema);
    }
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    return formats.default(new Ajv2020(options)).compile(mapSchema(schema, modernSchema));
  } catch (error) {
    throw new ResponseModelError(
      `${name ?? 'the JSON Schema'} is not valid: ${error instanceof Error ? error.message : String(error)}`,
      'Correct the schema. Without "$schema" it is read as draft 2020-12.',
      error,
    );
  }
}

function toIssue(error: ErrorObject): ValidationIssue {
  const segments = error.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { path: issuePath(segments), message: messageOf(error) };
}

/** Ajv's messages leave out the one thing one wants to know. */
function messageOf({ keyword, params, message = 'is not valid' }: ErrorObject): string {
  const facts = params as Record<string, unknown>;
  if (keyword === 'additionalProperties')
    return `must not have the property '${String(facts.additionalProperty)}'`;
  if (keyword === 'enum')
    return `must be one of ${(facts.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
  if (keyword === 'const') return `must be ${JSON.stringify(facts.allowedValue)}`;
  return message;
}
