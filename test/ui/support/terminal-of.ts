import { stripVTControlCharacters } from 'node:util';

const VARIABLES = ['COLUMNS', 'OCLIF_COLUMNS', 'NO_COLOR', 'FORCE_COLOR', 'TERM', 'CI'];

/** Takes away what the terminal of the machine says, around each test. */
export function withoutTerminalSettings(): void {
  let saved: (string | undefined)[];
  beforeEach(() => {
    saved = VARIABLES.map((name) => process.env[name]);
    for (const name of VARIABLES) delete process.env[name];
  });
  afterEach(() => {
    for (const [index, name] of VARIABLES.entries()) {
      const value = saved[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

/** A stream that says of itself that it is a terminal of this width; without one, a pipe. */
export function streamOf(columns?: number): NodeJS.WriteStream {
  return { isTTY: columns !== undefined, columns } as NodeJS.WriteStream;
}

/** What a piece of work writes, without colours. */
export async function captured(
  work: () => unknown,
): Promise<{ stdout: string; stderr: string; thrown: unknown }> {
  const written = { stdout: '', stderr: '' };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as they were
  const real = { stdout: process.stdout.write, stderr: process.stderr.write };
  let thrown: unknown;
  process.env['TERM'] = 'dumb';
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = ((text: string) => {
      written[name] += stripVTControlCharacters(text);
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    await work();
  } catch (error) {
    thrown = error;
  } finally {
    process.stdout.write = real.stdout;
    process.stderr.write = real.stderr;
  }
  return { ...written, thrown };
}
