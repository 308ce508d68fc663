import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { readTemplateText } from '../core/input/template.js';
import type { TableInputOptions } from '../core/input/table-input.js';
import { InstructorError } from '../failure/instructor-error.js';
import type { ResponseModel } from '../schema/response-model.js';
import { hashFile } from './send/shard-source.js';
import { RUN_FORMAT } from './store/events.js';
import {
  fingerprintOf,
  sha256Of,
  sorted,
  type RunSettings,
  type SchemaSettings,
  type TableSettings,
  type TemplateText,
} from './store/run-settings.js';

/** What the user says about a run. */
export interface PrepareOptions extends Pick<
  RunSettings,
  'provider' | 'model' | 'endpoint' | 'request' | 'submit' | 'skipBadRows' | 'limits' | 'policy' | 'output'
> {
  version: string;
  name?: string;
  input: {
    /** Where it can be read. */
    path: string;
    /** As the user called it. */
    name: string;
    kind: 'table' | 'messages';
    table?: Omit<TableInputOptions, 'path' | 'name' | 'signal'>;
  };
  schema?: { reference: string; model: ResponseModel };
  signal: AbortSignal;
}

/** Settles what is to be asked, down to the hash of the input. Nothing is written. */
export async function prepareRun(options: PrepareOptions): Promise<RunSettings> {
  const { input, schema, signal, version } = options;
  const { provider, model, endpoint, request, submit, skipBadRows, limits, policy, output } = options;
  const file = { path: resolve(input.path), name: input.name, ...(await hashFile(input.path, signal)) };
  const now = new Date();
  const settings: Omit<RunSettings, 'fingerprint'> = {
    format: RUN_FORMAT,
    version,
    id: randomBytes(4).toString('hex'),
    name: options.name ?? defaultName(input.name, now),
    created: now.toISOString(),
    ...{ provider, model, endpoint },
    input:
      input.kind === 'messages'
        ? { ...file, kind: 'messages' }
        : { ...file, kind: 'table', table: await toTableSettings(input.table ?? {}) },
    request,
    schema: schema && toSchemaSettings(schema),
    ...{ submit, skipBadRows, limits, policy },
    output: output && { ...output, path: output.path === '-' ? '-' : resolve(output.path) },
  };
  return { ...settings, fingerprint: fingerprintOf(settings) };
}

/** Such as `tickets-20261122-140509`. In UTC, so that names sort by their time wherever they were made. */
function defaultName(input: string, now: Date): string {
  const stem =
    (input.split(/[\\/]/).at(-1) ?? '')
      .replace(/(\.[a-z0-9]+)+$/i, '')
      .replace(/[^\w-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'run';
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stem}-${time}`;
}

async function toTableSettings(table: NonNullable<PrepareOptions['input']['table']>): Promise<TableSettings> {
  const { prompt, system, ...rest } = table;
  return {
    ...rest,
    prompt: await toTemplate(prompt, '--prompt'),
    system: await toTemplate(system, '--system'),
  };
}

async function toTemplate(given: string | undefined, flag: string): Promise<TemplateText | undefined> {
  if (given === undefined) return undefined;
  const text = await readTemplateText(given, flag);
  // The name of a file counts from anywhere; the run may be taken up from another folder.
  return { given: text === given ? given : resolve(given), text };
}

function toSchemaSettings({ reference, model }: NonNullable<PrepareOptions['schema']>): SchemaSettings {
  const { name, jsonSchema } = model;
  return { reference: absoluteReference(reference), name, jsonSchema, sha256: hashOfSchema(model) };
}

function absoluteReference(reference: string): string {
  const at = reference.lastIndexOf('#');
  return at > 0 ? `${resolve(reference.slice(0, at))}${reference.slice(at)}` : resolve(reference);
}

function hashOfSchema({ name, jsonSchema }: ResponseModel): string {
  return sha256Of(JSON.stringify(sorted({ name, jsonSchema })));
}

/** Answers must not be judged by another model than the one that was asked for. */
export function requireSameModel(settings: RunSettings, model: ResponseModel | undefined): void {
  const { schema } = settings;
  if (!schema || !model || hashOfSchema(model) === schema.sha256) return;
  throw new InstructorError(
    'state',
    `The response model ${schema.reference} has changed since the run began`,
    {
      hint: 'Bring it back as it was; a new shape of the answers is a new run',
    },
  );
}
