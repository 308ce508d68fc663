import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JsonSchema } from '@instructor-cli/provider-kit';
import type { ResultFormat } from '../../core/write-results.js';
import { describeFileError } from '../../failure/file-error.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { openOutput } from '../../rows/output-file.js';
import type { TableFormat } from '../../rows/table.js';
import { RUN_FORMAT, type FileHash } from './events.js';

/** A file that was read, and what it was then. */
export interface InputFile extends FileHash {
  /** Absolute; of input that came through a pipe the copy in the run directory. */
  path: string;
  /** As the user called it. */
  name: string;
}

/** A template as it was when the run began. */
export interface TemplateText {
  /** The text, or the name of its file. */
  given: string;
  text: string;
}

/** How a table becomes requests; the names are those of the flags. */
export interface TableSettings {
  format?: TableFormat;
  delimiter?: string;
  encoding?: string;
  prompt?: TemplateText;
  system?: TemplateText;
  messagesColumn?: string;
  imageColumn?: string;
  idColumn?: string;
  where?: string;
  limit?: number;
  sample?: { size: number; seed: string };
}

export interface SchemaSettings {
  /** Such as `ticket.ts#Ticket`, with an absolute path. */
  reference: string;
  name: string;
  jsonSchema: JsonSchema;
  sha256: string;
}

/** How much of the run may be with the provider at the same time, and in one batch. */
export interface RunLimits {
  maxRequests?: number;
  maxBytes?: number;
  maxTokensPerBatch?: number;
  maxInFlight?: number;
  /** Tokens that may wait at the provider at the same time, where the user knows it. */
  maxTokensInFlight?: number;
}

/** What a run does beside sending: each can be set anew when it is taken up again. */
export interface RunPolicy {
  maxCostUsd?: number;
  /** Requests of the canary. */
  canary?: number;
  /** Share of the canary's rows that may fail, from 0 to 1. */
  maxFailures: number;
  /** How often rows that do not fit are asked again with the complaint. */
  reask: number;
  /** How often a row is asked in all if it fails for a reason that passes. */
  maxAttempts: number;
  /** ISO 8601. */
  deadline?: string;
  /** Requests at the same time after the deadline. */
  deadlineConcurrency: number;
  keepFiles: boolean;
}

/** What was asked for, as run.json holds it. No keys are in it. */
export interface RunSettings {
  format: number;
  version: string;
  id: string;
  name: string;
  created: string;
  provider: string;
  model: string;
  endpoint?: string;
  input: InputFile & ({ kind: 'table'; table: TableSettings } | { kind: 'messages' });
  request: {
    maxTokens: { value: number; explicit: boolean };
    temperature: { value: number; explicit: boolean };
    params?: Record<string, unknown>;
    idKey?: string;
  };
  schema?: SchemaSettings;
  submit: {
    description?: string;
    metadata?: Record<string, string>;
    completionWindow?: { value: string; explicit: boolean };
    expiresAfterSeconds?: number;
  };
  skipBadRows: boolean;
  limits: RunLimits;
  policy: RunPolicy;
  output?: { path: string; format: ResultFormat; escapeFormulas: boolean; force: boolean };
  /** What makes two runs the same: equal input, asked the same in the same form. */
  fingerprint: string;
}

export async function writeSettings(path: string, settings: RunSettings, replace = false): Promise<void> {
  const output = await openOutput(path, { force: replace });
  try {
    await output.write(`${JSON.stringify(settings, undefined, 2)}\n`);
    await output.commit();
  } finally {
    await output.discard();
  }
}

/** Reads what an older or this program wrote; what a newer one wrote is refused. */
export async function readSettings(path: string): Promise<RunSettings> {
  let settings: RunSettings;
  try {
    settings = JSON.parse(await readFile(path, 'utf8')) as RunSettings;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw describeFileError(error, 'read', path);
    throw new InstructorError('input', `${path} is damaged: ${error.message}`, {
      hint: 'Restore the file from a copy',
      cause: error,
    });
  }
  const { format, version } = (settings as RunSettings | null) ?? {};
  if (typeof format !== 'number')
    throw new InstructorError('input', `${path} is not the run.json of a run`, {
      hint: 'Name the directory of a run',
    });
  if (format > RUN_FORMAT) {
    throw new InstructorError(
      'state',
      `${path} was written by a newer instructor (${version}), in a layout this one does not know`,
      {
        hint: 'Use that version, or a later one',
      },
    );
  }
  return settings;
}

/** Two commands with the same fingerprint ask the same. How it is sent, and what comes after, does not count. */
export function fingerprintOf(settings: Omit<RunSettings, 'fingerprint'>): string {
  const { provider, model, endpoint, input, request, schema } = settings;
  const { sha256, kind } = input;
  const asked = {
    ...{ provider, model, endpoint, kind, sha256, request },
    table: input.kind === 'table' ? textsOnly(input.table) : undefined,
    schema: schema?.sha256,
  };
  return sha256Of(JSON.stringify(sorted(asked)));
}

/** That a prompt came from a file makes no difference. */
function textsOnly({ prompt, system, ...rest }: TableSettings): unknown {
  return { ...rest, prompt: prompt?.text, system: system?.text };
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same for every order of the keys. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
