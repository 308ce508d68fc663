import type { BatchProvider } from '../contract/provider.js';
import type { CheckedRequest, RequestInput } from '../contract/requests.js';
import { isRequestSettingsError } from '../contract/errors.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { ensure, fail, isRecord, sameJson, show, succeeds, throughJson } from './ensure.js';
import { connectionsDuring } from './network-guard.js';
import { mutationsOf, ODD_VALUES } from './odd-json.js';
import type { ProviderUnderTest } from './plugin-under-test.js';
import { acceptedIds, defaultSettings, endpointsOf, sampleInput } from './sample-requests.js';

/** Building request lines, and checking them. */
export function requestChecks(provider: ProviderUnderTest): ConformanceCheck[] {
  const { declaration, model } = provider;
  const endpoints = endpointsOf(declaration);
  return [
    {
      name: 'the default model takes the default settings',
      run: async () => {
        const made = await provider.offline();
        for (const endpoint of endpoints) builderFor(made, model, endpoint);
      },
    },
    {
      name: 'requests pass the check of the provider that built them',
      run: async () => {
        const made = await provider.offline();
        for (const endpoint of endpoints) {
          const request = builderFor(made, model, endpoint).build(sampleInput('row-1'));
          const checked = check(made, request);
          const [problem] = checked.problems;
          const at = endpoint === undefined ? '' : ` for ${endpoint}`;
          ensure(!problem, `checkRequest refuses a request built${at}: ${problem?.message}`);
          ensure(
            checked.model === model,
            `checkRequest finds the model ${show(checked.model)}, not ${model}`,
          );
          const same =
            endpoint === undefined || checked.endpoint === undefined || checked.endpoint === endpoint;
          ensure(same, `checkRequest finds the endpoint ${show(checked.endpoint)}, not ${endpoint}`);
        }
      },
    },
    {
      name: 'requests are JSON and have the declared keys',
      run: async () => {
        const made = await provider.offline();
        for (const endpoint of endpoints) {
          const request = builderFor(made, model, endpoint).build(sampleInput('row-1'));
          for (const key of declaration.requestKeys ?? []) {
            ensure(Object.hasOwn(request, key), `requestKeys has "${key}", but requests have no such key`);
          }
          const checked = [check(made, request), check(made, throughJson(request))];
          ensure(
            sameJson(...(checked as [unknown, unknown])),
            'a request means something else after a journey as JSON',
          );
        }
      },
    },
    {
      name: 'custom ids survive in requests',
      run: async () => {
        const made = await provider.offline();
        const ids = acceptedIds(declaration);
        ensure(
          ids.includes('row-1'),
          `limits.customId ${declaration.limits.customId} does not even take "row-1"`,
        );
        const builder = builderFor(made, model, endpoints[0]);
        for (const id of ids) idSurvives(made, builder.build(sampleInput(id)), id);
      },
    },
    {
      name: "a row's own parameters win over those of the batch",
      run: async () => {
        const made = await provider.offline();
        const settings = {
          ...defaultSettings(model, endpoints[0]),
          params: { x_conformance: 'of-the-batch' },
        };
        const builder = made.createRequestBuilder(settings);
        const plain = JSON.stringify(builder.build(sampleInput('row-1')));
        ensure(plain.includes('of-the-batch'), 'the parameters of the batch are missing in its requests');
        const own = { ...sampleInput('row-2'), params: { x_conformance: 'of-the-row' } };
        const text = JSON.stringify(builder.build(own));
        ensure(text.includes('of-the-row'), 'the parameters of a row are missing in its request');
        ensure(!text.includes('of-the-batch'), 'the parameters of the batch win over those of a row');
        const next = JSON.stringify(builder.build(sampleInput('row-3')));
        ensure(!next.includes('of-the-row'), 'the parameters of a row are in the request of the next one');
      },
    },
    {
      name: 'building leaves what it is given alone',
      run: async () => {
        const made = await provider.offline();
        const settings = defaultSettings(model, endpoints[0]);
        const input: RequestInput = sampleInput('row-1');
        const before = structuredClone({ settings, input });
        made.createRequestBuilder(settings).build(input);
        ensure(sameJson(before, { settings, input }), 'createRequestBuilder or build changes its arguments');
      },
    },
    {
      name: 'checkRequest answers to anything that JSON can hold',
      run: async () => {
        const made = await provider.offline();
        for (const odd of ODD_VALUES) {
          const { problems } = check(made, odd);
          ensure(problems.length > 0, `checkRequest finds nothing wrong with ${show(odd)}`);
        }
        for (const endpoint of endpoints) {
          const request = throughJson(builderFor(made, model, endpoint).build(sampleInput('row-1')));
          for (const { value } of mutationsOf(request)) check(made, value);
        }
      },
    },
    {
      name: 'building and checking make no connection',
      run: async () => {
        const made = await provider.offline();
        const connections = await connectionsDuring(() =>
          check(made, builderFor(made, model, endpoints[0]).build(sampleInput('row-1'))),
        );
        ensure(connections.length === 0, `they made ${connections.join(', ')}`);
      },
    },
  ];
}

export function builderFor(
  made: BatchProvider,
  model: string,
  endpoint: string | undefined,
): ReturnType<BatchProvider['createRequestBuilder']> {
  try {
    const builder = made.createRequestBuilder(defaultSettings(model, endpoint));
    ensure(Array.isArray(builder.notes), 'the builder has no list of notes');
    return builder;
  } catch (error) {
    if (!isRequestSettingsError(error)) throw error;
    return fail(`${model} refuses settings that nobody asked for: ${error.message}`);
  }
}

function check(made: BatchProvider, request: unknown): CheckedRequest {
  const checked: unknown = succeeds(`checkRequest(${show(request)})`, () => made.checkRequest(request));
  ensure(isRecord(checked), `checkRequest(${show(request)}) gives ${show(checked)}`);
  const { problems, customId } = checked;
  ensure(Array.isArray(problems), `checkRequest(${show(request)}) gives no list of problems`);
  for (const problem of problems as Record<string, unknown>[]) {
    const complete = typeof problem['code'] === 'string' && typeof problem['message'] === 'string';
    ensure(complete, `checkRequest(${show(request)}) gives a problem without code or message`);
  }
  ensure(
    customId === undefined || typeof customId === 'string',
    `checkRequest gives the id ${show(customId)}`,
  );
  return checked as unknown as CheckedRequest;
}

function idSurvives(made: BatchProvider, request: Record<string, unknown>, id: string): void {
  const line = JSON.stringify(request);
  const { customId, problems } = check(made, JSON.parse(line));
  ensure(customId === id, `a request built for ${show(id)} is read as that of ${show(customId)}`);
  ensure(
    problems.length === 0,
    `the id ${show(id)} fits limits.customId, but checkRequest says: ${problems[0]?.message}`,
  );
  const quick = succeeds('customIdAtStart', () => made.customIdAtStart?.(line));
  ensure(
    quick === undefined || quick === id,
    `customIdAtStart reads ${show(quick)} where the id is ${show(id)}`,
  );
}
