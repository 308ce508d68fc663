import {
  isRequestSettingsError,
  type BatchProvider,
  type PortableRequest,
  type ProviderDeclaration,
  type RequestBuilder,
  type RequestSettings,
} from '@instructor-cli/provider-kit';
import { compileFor } from './create-requests.js';

/** A provider and model that requests are converted to. */
export interface ConversionTarget {
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  model: string;
}

/** What builds the requests that share some settings. */
export interface TargetBuilder {
  builder: RequestBuilder;
  /** Settings that the model does not take, by the names of the portable request. */
  leftOut: string[];
  /** What the user should know about these requests. */
  notes: string[];
}

/** What may be left out, and what it is called. A schema is not among them: without it the answers are others. */
const OPTIONAL = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['stop', 'stop'],
  ['maxTokens', 'max_tokens'],
] as const;

/** Files have few different settings, mostly one; what they were last converted to is kept for so many. */
const KEPT = 64;

/** Gives the builder for a request: one for all requests with the same settings. */
export function targetBuilders(
  target: ConversionTarget,
): (request: PortableRequest, endpoint: string | undefined) => TargetBuilder {
  const kept = new Map<string, TargetBuilder>();
  return (request, endpoint) => {
    const { maxTokens, temperature, topP, stop, schema } = request;
    const key = JSON.stringify([endpoint, maxTokens, temperature, topP, stop, schema]);
    const known = kept.get(key);
    if (known) return known;
    const made = makeBuilder(target, request, endpoint);
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, made);
    return made;
  };
}

/** Throws where the model cannot do what the request asks for. */
function makeBuilder(
  { provider, model }: ConversionTarget,
  request: PortableRequest,
  endpoint: string | undefined,
): TargetBuilder {
  const { maxTokens, temperature, topP, stop } = request;
  const notes: string[] = [];
  const schema =
    request.schema &&
    compileFor(provider, { name: request.schema.name, jsonSchema: request.schema.schema }, model, endpoint);
  for (const { path, message } of schema?.dropped ?? []) notes.push(`Schema ${path || '/'}: ${message}`);
  const settings: RequestSettings = {
    model,
    endpoint,
    maxTokens: maxTokens === undefined ? undefined : { value: maxTokens, explicit: true },
    temperature: temperature === undefined ? undefined : { value: temperature, explicit: true },
    topP,
    stop,
    schema: schema && { ...schema, description: schema.description ?? request.schema?.description },
  };
  const { builder, leftOut } = withoutRefused(provider, settings);
  return { builder, leftOut, notes: [...builder.notes, ...notes] };
}

/** Leaves out what the model refuses, and as little as possible: all choices are tried, the smallest first. */
function withoutRefused(
  provider: BatchProvider,
  settings: RequestSettings,
): { builder: RequestBuilder; leftOut: string[] } {
  const there = OPTIONAL.filter(([key]) => settings[key] !== undefined);
  const choices = there
    .reduce<(typeof there)[]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])
    .sort((a, b) => a.length - b.length);
  let refusal: unknown;
  for (const choice of choices) {
    const fewer = { ...settings };
    for (const [key] of choice) delete fewer[key];
    try {
      return { builder: provider.createRequestBuilder(fewer), leftOut: choice.map(([, name]) => name) };
    } catch (error) {
      if (!isRequestSettingsError(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}
