import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { InstructorError } from '../failure/instructor-error.js';

export const DEFAULT_MODEL = 'openai/gpt-4o-mini';

/** A day. A timer of Node cannot hold more than 24 of them, and then fires at once. */
const LONGEST_SECONDS = 86_400;

/** A positive number of seconds; fractions are fine. */
const seconds = Flags.custom<number>({
  helpValue: 'SECONDS',
  parse: (input) => {
    const value = Number(input);
    if (value > 0 && value <= LONGEST_SECONDS) return Promise.resolve(value);
    throw new InstructorError(
      'usage',
      `"${input}" is not a number of seconds above 0 and up to ${LONGEST_SECONDS}`,
    );
  },
});

/** `key=value`, any number of times. Each takes one word only, so that arguments may follow. */
export const pairFlag = Flags.custom<string>({ helpValue: 'KEY=VALUE' });

export const batchIdArg = {
  // From standard input nothing is taken: it belongs to the loop or the script that the command stands in.
  batchId: Args.string({ name: 'batch-id', description: 'The same as --batch-id', ignoreStdin: true }),
};

export const providerFlag = Flags.string({
  summary:
    "Provider to use (e.g., 'openai', 'anthropic'); without it the model or the batch id tells, else openai",
});

/** `required` is checked by `requireBatchId`, since the id may come as an argument too. */
export const batchIdFlag = Flags.custom<string>({ helpValue: 'ID' });

export const modelFlag = Flags.string({
  summary: "Model in format 'provider/model-name' (e.g., 'openai/gpt-4', 'anthropic/claude-3-sonnet')",
  default: DEFAULT_MODEL,
});

export const requestFileArg = {
  file: Args.string({ name: 'file', description: 'The same as --file-path', ignoreStdin: true }),
};

/** Of commands that work on a request file, which mostly tells itself whose it is. */
export const requestFileFlags = {
  // `required` is checked by `requireFile`, since the file may come as an argument too.
  'file-path': Flags.string({
    summary: 'File containing the batch job requests (required); - is standard input',
    helpValue: 'FILE',
  }),
  provider: Flags.string({
    summary: "Provider that the file is for (e.g., 'openai', 'anthropic'); without it the file tells",
  }),
  model: Flags.string({ summary: "The same in format 'provider/model-name'" }),
};

export const useAnthropicFlag = Flags.boolean({
  summary: '[DEPRECATED] Use --provider anthropic instead. Use Anthropic API instead of OpenAI',
  allowNo: true,
});

export const forceFlag = Flags.boolean({ summary: 'Replace an output file that exists' });

export { seconds as secondsFlag };

/** A batch id comes as a flag or as an argument. */
export function requireBatchId(flag: string | undefined, argument: string | undefined): string {
  if (flag !== undefined && argument !== undefined && flag !== argument) {
    throw new InstructorError('usage', `--batch-id ${flag} contradicts the argument ${argument}`, {
      hint: 'Leave one of them out',
    });
  }
  const id = flag ?? argument;
  if (id) return id;
  throw new InstructorError('usage', 'Missing required flag batch-id', {
    hint: 'Give the id of a batch: --batch-id ID. To see them: instructor batch list',
  });
}

/** The same for commands that take several. */
export function requireBatchIds(flags: readonly string[] | undefined, args: readonly string[]): string[] {
  const ids = [...new Set([...(flags ?? []), ...args])];
  if (ids.length > 0) return ids;
  return [requireBatchId(undefined, undefined)];
}

/** A request file comes as a flag or as an argument. */
export function requireFile(flag: string | undefined, argument: string | undefined): string {
  if (flag !== undefined && argument !== undefined && flag !== argument) {
    throw new InstructorError('usage', `--file-path ${flag} contradicts the argument ${argument}`, {
      hint: 'Leave one of them out',
    });
  }
  const file = flag ?? argument;
  if (file) return file;
  throw new InstructorError('usage', 'Missing required argument FILE', {
    hint: 'Name a request file, as batch create writes it; - is standard input',
  });
}

export function readTemperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InstructorError('usage', `--temperature "${text}" is not a number of 0 or more`);
}

/** Pairs to an object; a key that comes twice is a mistake. */
export function toRecord(
  pairs: readonly string[] | undefined,
  flag: string,
): Record<string, string> | undefined {
  if (!pairs || pairs.length === 0) return undefined;
  const record: Record<string, string> = {};
  for (const [key, value] of pairs.map((pair) => splitPair(pair, flag))) {
    if (Object.hasOwn(record, key)) throw new InstructorError('usage', `--${flag} ${key} is given twice`);
    Object.defineProperty(record, key, { value, enumerable: true });
  }
  return record;
}

/** Parameters for the provider: values are JSON where they look like it, and dots reach into objects. */
export function toParams(pairs: readonly string[] | undefined): Record<string, unknown> | undefined {
  if (!pairs || pairs.length === 0) return undefined;
  const params: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const [path, text] of pairs.map((pair) => splitPair(pair, 'param'))) {
    const keys = path.split('.');
    if (keys.includes('__proto__')) throw new InstructorError('usage', `--param ${path} is no parameter`);
    const last = keys.pop() ?? path;
    if (seen.has(path)) throw new InstructorError('usage', `--param ${path} is given twice`);
    seen.add(path);
    let target = params;
    for (const key of keys) {
      const next = target[key];
      target = target[key] =
        typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {};
    }
    target[last] = jsonOrText(text);
  }
  return params;
}

function splitPair(text: string, flag: string): [key: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InstructorError('usage', `--${flag} "${text}" is not of the form key=value`);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
