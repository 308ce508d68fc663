import type { BatchProvider } from '../contract/provider.js';
import type { CompiledSchema } from '../contract/requests.js';
import { isRequestSettingsError, isSchemaError } from '../contract/errors.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { ensure, fail, isRecord, sameJson, show, succeeds, throughJson } from './ensure.js';
import { connectionsDuring } from './network-guard.js';
import type { ProviderUnderTest } from './plugin-under-test.js';
import { defaultSettings, endpointsOf, sampleInput } from './sample-requests.js';
import { answerTo, SAMPLE_SCHEMAS, type Habit, type SampleSchema } from './sample-schemas.js';

const HABITS: readonly Habit[] = ['null where it may', 'a value where it may'];

/** Rewriting a schema for the model, and the answer back. */
export function schemaChecks(provider: ProviderUnderTest): ConformanceCheck[] {
  const { model, declaration } = provider;
  const endpoint = endpointsOf(declaration)[0];
  return [
    ...SAMPLE_SCHEMAS.map((sample) => ({
      name: `schemas: ${sample.name} goes out and its answer comes back`,
      run: async () => {
        const compiled = compile(await provider.offline(), sample, model, endpoint);
        if (!compiled) return;
        isComplete(compiled);
        for (const habit of HABITS) {
          const answer = answerTo(compiled.schema, habit);
          const decoded = succeeds(`decode(${show(answer)})`, () => compiled.decode(answer));
          const fits = sample.accepts(throughJson(decoded));
          ensure(
            fits,
            `decode(${show(answer)}) gives ${show(decoded)}, which does not fit the user's schema`,
          );
        }
      },
    })),
    {
      name: 'schemas: an object of texts and numbers can be expressed',
      run: async () => {
        const [plain] = SAMPLE_SCHEMAS as [SampleSchema];
        ensure(
          compile(await provider.offline(), plain, model, endpoint),
          'even the plainest schema is refused',
        );
      },
    },
    {
      name: 'schemas: decode takes answers that do not fit',
      run: async () => {
        const made = await provider.offline();
        for (const sample of SAMPLE_SCHEMAS) {
          const compiled = compile(made, sample, model, endpoint);
          // Whether an answer fits is for the host to judge; here it only must not break.
          for (const odd of [null, 0, 'text', [], {}, [{}], { name: {}, nick: [] }]) {
            succeeds(`decode(${show(odd)})`, () => compiled?.decode(structuredClone(odd)));
          }
        }
      },
    },
    {
      name: 'schemas: a request carries its schema and passes the check',
      run: async () => {
        const made = await provider.offline();
        const [plain] = SAMPLE_SCHEMAS as [SampleSchema];
        const schema = compile(made, plain, model, endpoint);
        if (!schema) return;
        const request = buildWith(made, model, endpoint, schema);
        const without = buildWith(made, model, endpoint, undefined);
        ensure(!sameJson(request, without), 'a request with a schema is the same as one without');
        const [problem] = made.checkRequest(throughJson(request)).problems;
        ensure(!problem, `checkRequest refuses a request with a schema: ${problem?.message}`);
      },
    },
    {
      name: 'schemas: compiling makes no connection',
      run: async () => {
        const made = await provider.offline();
        const connections = await connectionsDuring(() => {
          for (const sample of SAMPLE_SCHEMAS) compile(made, sample, model, endpoint);
        });
        ensure(connections.length === 0, `it made ${connections.join(', ')}`);
      },
    },
  ];
}

/** Undefined where the provider refuses the schema in the way it may. */
function compile(
  made: BatchProvider,
  { schema, name }: SampleSchema,
  model: string,
  endpoint: string | undefined,
): CompiledSchema | undefined {
  const given = structuredClone(schema);
  try {
    return made.compileSchema(given, { model, endpoint, name: 'Sample schema' });
  } catch (error) {
    if (isSchemaError(error) && typeof error.path === 'string' && error.message !== '') return undefined;
    return fail(`compileSchema of ${name} threw something else than a SchemaError: ${show(error)}`);
  } finally {
    ensure(sameJson(given, schema), `compileSchema of ${name} changes the schema it is given`);
  }
}

function isComplete(compiled: CompiledSchema): void {
  const { schema, name, mode, dropped, decode } = compiled;
  ensure(isRecord(schema), `the compiled schema is ${show(schema)}`);
  ensure(sameJson(schema, throughJson(schema)), 'the compiled schema is not JSON');
  ensure(/^[a-zA-Z0-9_-]{1,64}$/.test(name), `the name ${show(name)} of the compiled schema is not allowed`);
  ensure(mode === 'format' || mode === 'tool', `mode is ${show(mode)}, not "format" or "tool"`);
  ensure(Array.isArray(dropped), 'dropped is no list');
  for (const { path, keyword, message } of dropped) {
    const told = [path, keyword, message].every((part) => typeof part === 'string');
    ensure(told, 'each item of dropped needs path, keyword and message');
  }
  ensure(typeof decode === 'function', 'decode is no function');
}

function buildWith(
  made: BatchProvider,
  model: string,
  endpoint: string | undefined,
  schema: CompiledSchema | undefined,
): Record<string, unknown> {
  try {
    return made.createRequestBuilder(defaultSettings(model, endpoint, schema)).build(sampleInput('row-1'));
  } catch (error) {
    return fail(
      isRequestSettingsError(error)
        ? `${model} refuses a schema that compileSchema accepted: ${error.message}`
        : `building a request with a schema threw ${show(error)}`,
    );
  }
}
