import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { issuePath } from './issue-path.js';
import { ResponseModelError } from './response-model-error.js';
import type { ResponseModel, ValidationResult } from './response-model.js';
import {
  standardProps,
  type StandardIssue,
  type StandardProps,
  type StandardResult,
} from './standard-schema.js';

/** Makes a model of a schema of any library that offers Standard JSON Schema. */
export function standardModel(schema: unknown, name?: string): ResponseModel {
  const props = standardProps(schema);
  if (!props) throw new TypeError('not a Standard Schema');
  if (typeof props.jsonSchema?.input !== 'function') {
    throw new ResponseModelError(
      `${name ?? 'the schema'} was made with ${props.vendor}, which does not turn its schemas into JSON Schema`,
      `Use a version of ${props.vendor} with Standard JSON Schema, a zod 4 schema, or write the JSON Schema itself.`,
    );
  }
  const jsonSchema = plainSchema(toJsonSchema(props.vendor, props.jsonSchema.input));
  return { name: name ?? titleOf(jsonSchema) ?? 'response', jsonSchema, validate: standardValidator(props) };
}

/** The answer of a model is what goes into the schema, so it is the input side that the provider has to know. */
function toJsonSchema(
  vendor: string,
  input: (options: { target: string }) => Record<string, unknown>,
): JsonSchema {
  let failure: unknown;
  for (const target of ['draft-2020-12', 'draft-07']) {
    try {
      return input({ target });
    } catch (error) {
      failure ??= error;
    }
  }
  throw new ResponseModelError(
    `${vendor} cannot turn the schema into JSON Schema: ${failure instanceof Error ? failure.message : String(failure)}`,
    'Keep to types that JSON has: objects, arrays, strings, numbers, booleans and null.',
    failure,
  );
}

/** A copy without what is no part of the schema. */
export function plainSchema(schema: Record<string, unknown>): JsonSchema {
  const { $schema: _dialect, '~standard': _standard, ...rest } = structuredCopy(schema);
  return rest;
}

export function titleOf(schema: JsonSchema): string | undefined {
  return typeof schema.title === 'string' && schema.title !== '' ? schema.title : undefined;
}

/** Runs a schema's own validation. Code of the user's that throws makes the answer invalid; it does not end the run. */
export function standardValidator(props: StandardProps): ResponseModel['validate'] {
  return (value) => {
    try {
      const result = props.validate(value);
      return result instanceof Promise ? result.then(toResult, thrown) : toResult(result);
    } catch (error) {
      return thrown(error);
    }
  };
}

function toResult(result: StandardResult<unknown>): ValidationResult {
  if (!result.issues) return { ok: true, value: result.value };
  return {
    ok: false,
    issues: result.issues.map((issue) => ({ path: pathOf(issue), message: lowerFirst(issue.message) })),
  };
}

function thrown(error: unknown): ValidationResult {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, issues: [{ path: '', message: `the schema's own code failed: ${message}` }] };
}

function pathOf(issue: StandardIssue): string {
  return issuePath(
    (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment)),
  );
}

/** Messages follow a path and a colon: `age: expected number, received string`. */
function lowerFirst(message: string): string {
  const plain = message.replace(/^Invalid input: /, '');
  return /^[A-Z][a-z]/.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}

function structuredCopy(schema: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}
