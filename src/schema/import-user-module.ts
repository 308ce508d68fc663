import { createRequire } from 'node:module';
import { ResponseModelError } from './response-model-error.js';

/** How a schema file may import zod, longest first: an alias also matches what begins with it. */
const ZOD_ENTRIES = ['zod/v4/core', 'zod/v4/mini', 'zod/v4-mini', 'zod/mini', 'zod/v4', 'zod'];

/** Imports a module of the user's, TypeScript included. Nothing is written: no cache next to their files. */
export async function importUserModule(file: string): Promise<Record<string, unknown>> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    alias: zodAlias(file),
  });
  const restore = keepToItself();
  try {
    return await jiti.import<Record<string, unknown>>(file);
  } catch (error) {
    throw importError(file, error);
  } finally {
    restore();
  }
}

/* eslint-disable no-console, no-restricted-properties -- not used here, but kept from the user's code */
/** While a file of the user's is loaded, it may neither end the program nor write between the answers on stdout. */
function keepToItself(): () => void {
  const exit = process.exit.bind(process);
  const { log, info, debug } = console;
  process.exit = () => {
    throw new Error('it ends the program (process.exit)');
  };
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
  return () => {
    process.exit = exit;
    Object.assign(console, { log, info, debug });
  };
}
/* eslint-enable no-console, no-restricted-properties */

/** A schema file outside any project can use our zod, so that trying things out takes no installation. */
function zodAlias(file: string): Record<string, string> {
  const theirs = createRequire(file);
  try {
    theirs.resolve('zod');
    return {};
  } catch {
    const ours = createRequire(import.meta.url);
    return Object.fromEntries(ZOD_ENTRIES.map((entry) => [entry, ours.resolve(entry)]));
  }
}

function importError(file: string, error: unknown): ResponseModelError {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message);
  if (missing) {
    return new ResponseModelError(
      `${file} imports "${missing[1]}", which was not found`,
      missing[1]?.startsWith('.')
        ? 'Correct the path.'
        : 'Install it in the project that the file belongs to.',
      error,
    );
  }
  const position = syntaxPosition(message);
  if (error instanceof SyntaxError || position) {
    const [what = message] = message.replace(/^(ParseError|SyntaxError):\s*/, '').split('\n');
    return new ResponseModelError(
      `${file}${position ? `:${position}` : ''} cannot be read: ${what
        .replace(/\s*\(\d+:\d+\)/, '')
        .replace(`${file}: `, '')
        .trim()}`,
      position ? `Correct line ${position.split(':')[0]}.` : 'Correct the syntax of the file.',
      error,
    );
  }
  return new ResponseModelError(
    `${file} failed while it was loaded: ${message}`,
    'Correct the code of the file.',
    error,
  );
}

/** Parsers write the place as `(3:7)`, or as `file.ts:3:7`. */
function syntaxPosition(message: string): string | undefined {
  return /\((\d+:\d+)\)/.exec(message)?.[1] ?? /\.[cm]?[jt]s:(\d+:\d+)/.exec(message)?.[1];
}
