import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type Batch, type BatchFile } from '../../contract/batch.js';
import type {
  BatchProvider,
  OpenFileOptions,
  ProviderOptions,
  SubmitOptions,
} from '../../contract/provider.js';
import type { CompiledSchema } from '../../contract/requests.js';
import { isSchemaError } from '../../contract/errors.js';
import { ensure, fail } from '../ensure.js';
import type { ConformanceOptions, LiveService } from '../options.js';
import type { ProviderUnderTest } from '../plugin-under-test.js';
import { acceptedIds, defaultSettings, endpointsOf, sampleInput } from '../sample-requests.js';
import { SAMPLE_SCHEMAS } from '../sample-schemas.js';

const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 5000;

export type Overrides = Omit<Partial<ProviderOptions>, 'declaration' | 'env'> & {
  baseUrl?: string;
  key?: string;
};

/** A batch that has been sent, and what it was made of. */
export interface Sent {
  batch: Batch;
  ids: string[];
  /** The request file. */
  text: string;
  schema: CompiledSchema | undefined;
  /** Bytes reported by `onProgress`. */
  progress: number[];
}

/** The service under its provider, with the steps that several checks share. */
export interface Service {
  settings(): Promise<LiveService>;
  connect(overrides?: Overrides): Promise<BatchProvider>;
  /** Sends a small batch of its own. */
  send(provider?: BatchProvider, changes?: Partial<SubmitOptions>): Promise<Sent>;
  follow(id: string): Promise<Batch>;
  /** One batch that has ended, for all checks that only look. */
  ended(): Promise<Sent>;
  read(provider: BatchProvider, file: BatchFile, options?: OpenFileOptions): Promise<Read>;
}

/** An opened file, and what was in it. */
export interface Read {
  bytes: Buffer;
  offset: number;
  totalBytes?: number;
  validator?: string;
}

export function connectService(
  provider: ProviderUnderTest,
  live: NonNullable<ConformanceOptions['live']>,
): Service {
  const { declaration } = provider;
  let known: Promise<LiveService> | undefined;
  let shared: Promise<Sent> | undefined;

  const service: Service = {
    settings: () => (known ??= Promise.resolve(typeof live === 'function' ? live() : live)),

    async connect({ baseUrl, key, ...overrides } = {}) {
      const settings = await service.settings();
      const env: Record<string, string> = { ...settings.env };
      if (declaration.baseUrlEnv !== undefined) env[declaration.baseUrlEnv] = baseUrl ?? settings.baseUrl;
      const [credential] = declaration.credentials;
      if (credential !== undefined) env[credential] = key ?? settings.key;
      return await provider.create({ userAgent: 'instructor-conformance', ...overrides, env });
    },

    async send(connected, changes = {}) {
      const made = connected ?? (await service.connect());
      const { model = provider.model } = await service.settings();
      const { options, ...facts } = submission(provider, made, model);
      const progress: number[] = [];
      const batch = await made.submit({
        ...options,
        onProgress: (bytes) => progress.push(bytes),
        ...changes,
      });
      return { ...facts, batch, progress };
    },

    async follow(id) {
      const made = await service.connect();
      const { timeoutMs = PATIENCE_MS } = await service.settings();
      const deadline = Date.now() + timeoutMs;
      for (let pause = 20; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const batch = await made.retrieve(id);
        if (hasEnded(batch.status)) return batch;
        if (Date.now() > deadline) fail(`batch ${id} is still ${batch.status} after ${timeoutMs / 1000} s`);
        await sleep(pause);
      }
    },

    ended: () =>
      (shared ??= service
        .send()
        .then(async (sent) => ({ ...sent, batch: await service.follow(sent.batch.id) }))),

    async read(connected, file, options) {
      const { stream, ...opened } = await connected.openFile(file, options);
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) {
        ensure(chunk instanceof Uint8Array, 'the stream of openFile gives something else than bytes');
        chunks.push(chunk);
      }
      return { ...opened, bytes: Buffer.concat(chunks) };
    },
  };
  return service;
}

function submission(
  { declaration }: ProviderUnderTest,
  made: BatchProvider,
  model: string,
): Omit<Sent, 'batch' | 'progress'> & { options: SubmitOptions } {
  const endpoint = endpointsOf(declaration)[0];
  const schema = compiledSample(made, model, endpoint);
  const builder = made.createRequestBuilder(defaultSettings(model, endpoint, schema));
  const ids = acceptedIds(declaration);
  const requests = ids.map((id, index) => builder.build(sampleInput(id, `Describe person ${index + 1}.`)));
  const traits = requests.flatMap((request) => made.checkRequest(request).traits ?? []);
  const text = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const bytes = Buffer.from(text);
  const options: SubmitOptions = {
    source: {
      name: 'conformance.jsonl',
      requests: ids.length,
      bytes: bytes.byteLength,
      async *open() {
        // In pieces that end anywhere, as those of a real file; copies, since the reader may change them.
        for (let at = 0; at < bytes.byteLength; at += 1000)
          yield new Uint8Array(bytes.subarray(at, at + 1000));
      },
    },
    endpoint,
    model,
    traits: [...new Set(traits)],
    completionWindow: declaration.completionWindows?.[0],
    ...(declaration.capabilities.metadata ? { metadata: { purpose: 'conformance' } } : {}),
  };
  return { ids, text, schema, options };
}

function compiledSample(
  made: BatchProvider,
  model: string,
  endpoint: string | undefined,
): CompiledSchema | undefined {
  try {
    return made.compileSchema(SAMPLE_SCHEMAS[0]?.schema ?? {}, { model, endpoint, name: 'person' });
  } catch (error) {
    if (isSchemaError(error)) return undefined;
    throw error;
  }
}
