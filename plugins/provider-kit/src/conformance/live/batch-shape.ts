import { BATCH_STATUSES, type Batch } from '../../contract/batch.js';
import type { ProviderDeclaration } from '../../contract/declaration.js';
import { ensure, isRecord, show } from '../ensure.js';

const FILE_KINDS: readonly unknown[] = ['input', 'output', 'errors'];

/** Whether what a call gave is a batch, as the host will read it. */
export function ensureBatch(
  what: string,
  value: unknown,
  declaration: ProviderDeclaration,
): asserts value is Batch {
  ensure(isRecord(value), `${what} gives ${show(value)}`);
  const { id, status, rawStatus, counts, requests, times, problems, files } = value;
  ensure(typeof id === 'string' && id !== '', `${what} gives a batch with the id ${show(id)}`);
  const { batchIdPattern } = declaration;
  const fits = batchIdPattern === undefined || new RegExp(batchIdPattern).test(id);
  ensure(fits, `the batch id ${id} does not match batchIdPattern ${batchIdPattern}`);
  ensure(
    BATCH_STATUSES.some((known) => known === status),
    `${what} gives the status ${show(status)}`,
  );
  ensure(
    typeof rawStatus === 'string' && rawStatus !== '',
    `${what} gives the raw status ${show(rawStatus)}`,
  );
  ensure(Array.isArray(problems), `${what} gives no list of problems`);
  numbers(`${what}: counts`, counts);
  numbers(`${what}: requests`, requests);
  ensure(isRecord(times), `${what} gives no times`);
  for (const [name, time] of Object.entries(times)) {
    const right = time === undefined || (time instanceof Date && !Number.isNaN(time.getTime()));
    ensure(right, `${what}: times.${name} is ${show(time)}, not a Date`);
  }
  ensure(Array.isArray(files), `${what} gives no list of files`);
  for (const file of files as unknown[]) {
    const right = isRecord(file) && FILE_KINDS.includes(file['kind']) && typeof file['id'] === 'string';
    ensure(right, `${what} gives the file ${show(file)}`);
  }
}

function numbers(what: string, value: unknown): asserts value is Record<string, number | undefined> {
  ensure(isRecord(value), `${what} is ${show(value)}`);
  for (const [name, number] of Object.entries(value)) {
    const right = number === undefined || (typeof number === 'number' && Number.isFinite(number));
    ensure(right, `${what}.${name} is ${show(number)}, not a number`);
  }
}
