import {
  isRequestSettingsError,
  isSchemaError,
  type BatchProvider,
  type CompiledSchema,
  type ProviderDeclaration,
} from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { inOrder, type Finding } from '../schema/finding.js';
import { lintCompiled } from '../schema/lint-compiled.js';
import { lintSchema } from '../schema/lint-schema.js';
import type { ResponseModel } from '../schema/response-model.js';
import type { ProviderSession } from './session.js';

/** Whom a schema is checked for. Without a model it is the provider's default. */
export interface SchemaTarget {
  session: ProviderSession;
  model?: string;
  endpoint?: string;
}

/** A schema as one provider and model get it. */
export interface ProviderSchema {
  provider: ProviderDeclaration;
  model?: string;
  endpoint?: string;
  /** Absent if the provider cannot be given the schema; the findings say why. */
  compiled?: CompiledSchema;
  usable: boolean;
  findings: Finding[];
}

export interface SchemaReport {
  name: string;
  /** What holds for every provider. */
  findings: Finding[];
  providers: ProviderSchema[];
}

const REFUSED = 'refused';

/** Compiles a response model for each target, and says what to know about it. Nothing is sent, and no key is needed. */
export async function checkSchema(
  model: ResponseModel,
  targets: readonly SchemaTarget[],
): Promise<SchemaReport> {
  const providers: ProviderSchema[] = [];
  for (const target of targets) providers.push(await checkFor(model, target));
  // Who refuses an open place says so itself.
  const refusals = providers.flatMap((provider) => provider.findings.filter(({ rule }) => rule === REFUSED));
  const refused = new Set(refusals.map(({ path }) => path));
  const findings = lintSchema(model).filter(({ rule, path }) => rule !== 'free_form' || !refused.has(path));
  return { name: model.name, findings: inOrder(findings), providers };
}

async function checkFor(responseModel: ResponseModel, target: SchemaTarget): Promise<ProviderSchema> {
  const { declaration } = target.session;
  const model = target.model ?? declaration.defaultModel;
  const endpoint = target.endpoint ?? declaration.endpoints?.[0];
  const facts = { provider: declaration, model, endpoint };
  const outcome = await compile(responseModel, target.session, model, endpoint);
  if ('failure' in outcome) return { ...facts, usable: false, findings: [outcome.failure] };
  const { compiled, provider } = outcome;
  const findings = lintCompiled(responseModel.jsonSchema, compiled, declaration.name);
  const objection = settingsError(() =>
    provider.createRequestBuilder({ model: model ?? '', endpoint, schema: compiled }),
  );
  if (objection) findings.push(objection);
  return { ...facts, compiled, usable: !objection, findings: inOrder(findings) };
}

type Outcome = { compiled: CompiledSchema; provider: BatchProvider } | { failure: Finding };

async function compile(
  { jsonSchema, name }: ResponseModel,
  session: ProviderSession,
  model: string | undefined,
  endpoint: string | undefined,
): Promise<Outcome> {
  const { id, name: providerName } = session.declaration;
  if (model === undefined) {
    return failed('no_model', `${providerName} has no default model`, `Name one: --model ${id}/MODEL`);
  }
  try {
    const provider = await session.local();
    return { provider, compiled: provider.compileSchema(jsonSchema, { model, endpoint, name }) };
  } catch (error) {
    if (isSchemaError(error)) return failed(REFUSED, error.message, error.fix, error.path);
    // One plugin that does not work is no reason to keep silent about the others.
    if (error instanceof InstructorError) return failed('plugin', error.message, error.hint);
    throw error;
  }
}

/** A model or an endpoint that takes no schema at all. */
function settingsError(build: () => unknown): Finding | undefined {
  try {
    build();
    return undefined;
  } catch (error) {
    if (isRequestSettingsError(error)) return failed('settings', error.message, error.fix).failure;
    throw error;
  }
}

function failed(rule: string, message: string, fix?: string, path = ''): { failure: Finding } {
  return { failure: { level: 'error', rule, path, message, ...(fix === undefined ? {} : { fix }) } };
}
