import type { BatchProvider } from '../contract/provider.js';
import { isRequestSettingsError } from '../contract/errors.js';
import type { FollowUp } from '../contract/requests.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { ensure, fail, isRecord, sameJson, show, succeeds, throughJson } from './ensure.js';
import { connectionsDuring } from './network-guard.js';
import { mutationsOf, ODD_VALUES } from './odd-json.js';
import type { ProviderUnderTest } from './plugin-under-test.js';
import { builderFor } from './request-checks.js';
import { endpointsOf, sampleInput } from './sample-requests.js';

const COMPLAINT = 'The answer lacks "name".';

const TURNS: readonly FollowUp[] = [
  { complaint: COMPLAINT },
  { answer: { kind: 'text', text: 'Hello.' }, complaint: COMPLAINT, maxTokens: 2000 },
  { answer: { kind: 'text', text: '' }, complaint: COMPLAINT },
  { answer: { kind: 'object', value: { a: 1 } }, complaint: COMPLAINT },
];

/** Reading requests and going on with them, for providers that can. */
export function portableChecks(provider: ProviderUnderTest): ConformanceCheck[] {
  const { declaration, model } = provider;
  const requests = (made: BatchProvider): Record<string, unknown>[] =>
    endpointsOf(declaration).map((endpoint) => builderFor(made, model, endpoint).build(sampleInput('row-1')));
  return [
    {
      name: 'readRequest reads what was built, and answers to anything that JSON can hold',
      run: async () => {
        const made = await provider.offline();
        if (!made.readRequest) return;
        for (const request of requests(made)) {
          const read = readRequest(made, throughJson(request));
          ensure(read['customId'] === 'row-1', `readRequest finds the id ${show(read['customId'])}`);
          ensure(read['model'] === model, `readRequest finds the model ${show(read['model'])}, not ${model}`);
          for (const { value } of mutationsOf(throughJson(request))) readRequest(made, value);
        }
        for (const odd of ODD_VALUES) readRequest(made, odd);
      },
    },
    {
      name: 'contentOf finds the texts of a request, and answers to anything that JSON can hold',
      run: async () => {
        const made = await provider.offline();
        if (!made.contentOf) return;
        for (const request of requests(made)) {
          const { texts } = contentOf(made, throughJson(request));
          ensure(texts.includes('Say hello.'), `contentOf misses a text of ${show(request)}`);
          for (const { value } of mutationsOf(throughJson(request))) contentOf(made, value);
        }
        for (const odd of ODD_VALUES) contentOf(made, odd);
      },
    },
    {
      name: 'followUp keeps the original and its id, and passes the check',
      run: async () => {
        const made = await provider.offline();
        if (!made.followUp) return;
        let continued = 0;
        for (const request of requests(made)) {
          for (const turn of TURNS) if (goesOn(made, request, turn)) continued += 1;
        }
        ensure(continued > 0, 'followUp refuses every request: leave it out');
      },
    },
    {
      name: 'reading requests and going on with them makes no connection',
      run: async () => {
        const made = await provider.offline();
        const connections = await connectionsDuring(() => {
          for (const request of requests(made)) {
            made.readRequest?.(request);
            made.contentOf?.(request);
            if (made.followUp) goesOn(made, request, { complaint: COMPLAINT });
          }
        });
        ensure(connections.length === 0, `it made ${connections.join(', ')}`);
      },
    },
  ];
}

function readRequest(made: BatchProvider, request: unknown): Record<string, unknown> {
  const read: unknown = succeeds(`readRequest(${show(request)})`, () => made.readRequest?.(request));
  ensure(isRecord(read), `readRequest(${show(request)}) gives ${show(read)}`);
  const { customId, rest, messages } = read;
  ensure(typeof customId === 'string', `readRequest(${show(request)}) gives the id ${show(customId)}`);
  ensure(isTextList(rest), `readRequest(${show(request)}) gives the rest ${show(rest)}`);
  const sound = messages === undefined || Array.isArray(messages);
  ensure(sound, `readRequest(${show(request)}) gives the messages ${show(messages)}`);
  return read;
}

function contentOf(made: BatchProvider, request: unknown): { texts: string[] } {
  const content: unknown = succeeds(`contentOf(${show(request)})`, () => made.contentOf?.(request));
  ensure(isRecord(content), `contentOf(${show(request)}) gives ${show(content)}`);
  const { texts, overheadTokens, images } = content;
  ensure(isTextList(texts), `contentOf(${show(request)}) gives the texts ${show(texts)}`);
  const counted = typeof overheadTokens === 'number' && typeof images === 'number';
  ensure(counted, `contentOf(${show(request)}) counts ${show({ overheadTokens, images })}`);
  return { texts };
}

/** False where the provider refuses to go on, as it may: an endpoint without a conversation. */
function goesOn(made: BatchProvider, request: Record<string, unknown>, turn: FollowUp): boolean {
  const before = structuredClone({ request, turn });
  let next: unknown;
  try {
    next = made.followUp?.(request, turn);
  } catch (error) {
    if (isRequestSettingsError(error)) return false;
    return fail(`followUp threw something else than a RequestSettingsError: ${show(error)}`);
  }
  ensure(isRecord(next), `followUp gives ${show(next)}`);
  ensure(sameJson(before, { request, turn }), 'followUp changes its arguments');
  ensure(!sameJson(next, request), 'followUp adds nothing to the request');
  ensure(
    JSON.stringify(next).includes(JSON.stringify(COMPLAINT).slice(1, -1)),
    'followUp leaves out the complaint',
  );
  const { problems, customId } = made.checkRequest(throughJson(next));
  ensure(customId === 'row-1', `followUp makes the custom id ${show(customId)}`);
  ensure(problems.length === 0, `checkRequest refuses what followUp made: ${problems[0]?.message}`);
  return true;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
