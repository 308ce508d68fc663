import { readFileSync } from 'node:fs';
import { Errors, Flags } from '@oclif/core';
import { parseFaultFlag } from '../faults/fault-flag.js';
import type { Fault } from '../faults/fault.js';
import { FaultProblem, readFaults } from '../faults/read-faults.js';
import { rowFates } from '../fates.js';
import { DEFAULT_TIMING, type SandboxOptions, type Timing } from '../options.js';
import type { UpstreamOptions } from '../upstream/upstream.js';

/** Flags that both commands take. */
export const sandboxFlags = {
  seed: Flags.string({
    default: '1',
    helpValue: 'TEXT',
    summary: 'What answers and their order follow from: the same seed gives the same answers.',
  }),
  speed: Flags.custom<number>({
    helpValue: 'FACTOR',
    summary: 'How much faster than usual batches are; a usual one takes two seconds.',
    parse: async (text) => positive(text),
  })({ default: 1 }),
  'error-rate': Flags.custom<number>({
    helpValue: '0..1',
    summary: 'The share of rows that come back with an error.',
    parse: async (text) => share(text),
  })({ default: 0 }),
  'invalid-rate': Flags.custom<number>({
    helpValue: '0..1',
    summary:
      'The share of rows whose answer does not fit their schema; fewer after a complaint, none after two.',
    parse: async (text) => share(text),
  })({ default: 0 }),
  fault: Flags.custom<Fault>({
    helpValue: 'NAME[:RATE|:key=value,...]',
    summary: 'A way to misbehave, such as create-lost:0.2 or rate-limit:n=3,retry-after=1; can be repeated.',
    parse: async (text) => described(() => parseFaultFlag(text)),
  })({ multiple: true }),
  faults: Flags.string({ helpValue: 'FILE', summary: 'More of them, from a JSON file.' }),
  upstream: Flags.custom<string>({
    helpValue: 'URL',
    summary: 'An OpenAI-compatible base URL, such as that of Ollama, whose models answer the rows instead.',
    parse: async (text) => baseUrl(text),
  })(),
  'upstream-concurrency': Flags.integer({
    min: 1,
    dependsOn: ['upstream'],
    summary: 'How many rows it is asked at once; 8 if not given.',
  }),
  'upstream-key-env': Flags.string({
    helpValue: 'NAME',
    dependsOn: ['upstream'],
    summary: 'The environment variable that holds the key for it.',
  }),
  'upstream-model': Flags.string({
    helpValue: 'MODEL',
    dependsOn: ['upstream'],
    summary: 'The model to ask there, whatever the rows say.',
  }),
  'data-dir': Flags.string({
    helpValue: 'DIR',
    summary: 'A folder that keeps everything, so that a sandbox which starts again goes on where it was.',
  }),
  'end-as': Flags.option({
    options: ['completed', 'expired'] as const,
    summary: 'How batches end; an expired one leaves half of its rows unanswered.',
  })({ default: 'completed' }),
};

interface SandboxFlagValues {
  seed: string;
  speed: number;
  'error-rate': number;
  'invalid-rate': number;
  'end-as': 'completed' | 'expired';
  'data-dir'?: string;
  upstream?: string;
  'upstream-concurrency'?: number;
  'upstream-key-env'?: string;
  'upstream-model'?: string;
  fault?: Fault[];
  faults?: string;
}

export function optionsFrom(flags: SandboxFlagValues): SandboxOptions {
  const timing: Partial<Timing> = {};
  for (const phase of Object.keys(DEFAULT_TIMING) as (keyof Timing)[]) {
    timing[phase] = DEFAULT_TIMING[phase] / flags.speed;
  }
  return {
    seed: flags.seed,
    timing,
    endAs: flags['end-as'],
    dataDir: flags['data-dir'],
    faults: readGiven(flags),
    upstream: upstreamFrom(flags),
    outcome: rowFates({ errored: flags['error-rate'], invalid: flags['invalid-rate'] }, flags.seed),
    // The real hint of ten seconds would make every client sleep through a batch of two.
    retryAfterSeconds: 1,
  };
}

function upstreamFrom(flags: SandboxFlagValues): UpstreamOptions | undefined {
  if (flags.upstream === undefined) return undefined;
  const name = flags['upstream-key-env'];
  const key = name === undefined ? undefined : process.env[name];
  if (name !== undefined && !key) throw usage(`The environment variable ${name} is not set.`);
  return {
    url: flags.upstream,
    concurrency: flags['upstream-concurrency'],
    key,
    model: flags['upstream-model'],
  };
}

function baseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usage(`Expected an http or https URL, but got "${text}".`);
  }
  return text;
}

function usage(message: string): Errors.CLIError {
  return new Errors.CLIError(message, { exit: 2 });
}

/** Without any flag for it: undefined, so that faults which were set in an earlier run stay. */
function readGiven({ fault, faults: path }: SandboxFlagValues): Fault[] | undefined {
  if (path === undefined) return fault;
  return described(() => [...readFaults(readJson(path)), ...(fault ?? [])], `${path}: `);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FaultProblem((error as Error).message);
  }
}

function described<T>(read: () => T, prefix = ''): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FaultProblem)) throw error;
    throw usage(`${prefix}${error.message}`);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw usage(`Expected a number above 0, but got "${text}".`);
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1) || text.trim() === '') {
    throw usage(`Expected a number from 0 to 1, but got "${text}".`);
  }
  return value;
}
