import { startSandbox, type Sandbox, type SandboxOptions, type Timing } from '../../src/index.js';

/** As fast as the work allows. */
export const NO_WAIT: Timing = { validatingMs: 0, inProgressMs: 0, finalizingMs: 0, cancellingMs: 0 };

/** A phase that lasts longer than any test. */
export const FOREVER = 3_600_000;

const open = new Set<Sandbox>();

/** Starts a sandbox that `closeSandboxes` closes. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ ...options, timing: { ...NO_WAIT, ...options.timing } });
  open.add(sandbox);
  return sandbox;
}

export async function closeSandboxes(): Promise<void> {
  await Promise.all([...open].map((sandbox) => sandbox.close()));
  open.clear();
}

/** Asks again and again until the answer will do. */
export async function until<T>(ask: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const value = await ask();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('It never came to pass.');
}

/** Any JSON, for looking into. Tests assert on what they read from it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test may look at any depth of an answer
export type Json = any;

export function readLines(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json);
}

export const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};
