import type { ProviderDeclaration } from '../contract/declaration.js';
import type { CompiledSchema, RequestInput, RequestSettings } from '../contract/requests.js';

/** Settings as the host passes them when the user asked for nothing in particular. */
export function defaultSettings(model: string, endpoint?: string, schema?: CompiledSchema): RequestSettings {
  return {
    model,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxTokens: { value: 1000, explicit: false },
    temperature: { value: 0.1, explicit: false },
    ...(schema === undefined ? {} : { schema }),
  };
}

/** A row that suits every endpoint: those without a conversation take its text. */
export function sampleInput(customId: string, text = 'Say hello.'): RequestInput {
  return {
    customId,
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: text },
    ],
  };
}

/** The endpoints of a provider; undefined stands for its only one. */
export function endpointsOf({ endpoints }: ProviderDeclaration): (string | undefined)[] {
  return endpoints === undefined || endpoints.length === 0 ? [undefined] : endpoints;
}

const CUSTOM_IDS = [
  'row-1',
  'A_b-9',
  '0',
  'x'.repeat(64),
  '__proto__',
  'two words',
  'q"uo\\te',
  'Ünï-☃-行',
  '{"custom_id":"trap"}',
  'tab\tand\u2028line',
];

/** Ids that the provider says it takes, from plain to nasty. */
export function acceptedIds({ limits }: ProviderDeclaration): string[] {
  const pattern = new RegExp(limits.customId ?? '');
  return CUSTOM_IDS.filter((id) => pattern.test(id));
}
