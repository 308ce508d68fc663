import type {
  BatchProvider,
  JsonSchema,
  Message,
  ProviderDeclaration,
  RequestInput,
  Setting,
} from '@instructor-cli/provider-kit';
import { isRequestSettingsError, isSchemaError, type CompiledSchema } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { ExactNumber, stringifyExactly } from '../rows/exact-number.js';
import { noGoodRow, problemOf, toBadRow } from './bad-rows.js';
import { RequestChecker, type RequestFacts } from './request-checker.js';
import type { LineProblem, ProblemList } from './request-problems.js';
import { isBroken, isHashedId } from './safe-ids.js';

/** One row of input, or why no request can be made of it. */
export type InputRow = {
  line: number;
  /** Its place among the rows, where that is not its line. */
  row?: number;
  /** What the user wrote, where `value` was made of it. */
  source?: unknown;
} & (
  | {
      value: unknown;
      /** The id that the custom id of `value` stands for. */
      originalId?: string;
    }
  | { unreadable: string }
  | { problem: { code: string; message: string } }
);

/** What requests are made for. */
export interface RequestTarget {
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  model: string;
  endpoint?: string;
  /** The shape of the answers. */
  responseModel?: { name: string; jsonSchema: JsonSchema };
}

export interface CreateRequestsOptions extends RequestTarget {
  maxTokens?: Setting<number>;
  temperature?: Setting<number>;
  params?: Record<string, unknown>;
  /** Which key of a row holds its custom id. Named by the user, every row has to have it; else `custom_id` may be there. */
  idKey?: string;
  rows: AsyncIterable<InputRow[]>;
  /** What places in the rows are called. */
  places?: 'line' | 'row';
  output: RequestSink;
  /** Where ids go that only a list can turn back. */
  idList?: LineFile;
  /** Where rows go that no request can be made of, instead of being problems. */
  badRows?: LineFile;
  signal?: AbortSignal;
}

/** Takes finished requests, a line each, and what they were made of. Each output is one. */
export interface RequestSink {
  write(line: string, request: Record<string, unknown>, row: InputRow): Promise<void> | undefined;
  /** Taken so far. */
  readonly bytes: number;
}

/** A file that gets records, one a line. */
export interface LineFile {
  readonly lines: number;
  add(record: unknown): Promise<void> | undefined;
}

export interface CreatedRequests extends RequestFacts {
  problems: ProblemList;
  /** What the user should know, such as a default that the model does not take. */
  notes: string[];
  /** Rows that were left out, and where they are. */
  skipped?: { rows: number; path: string };
}

/** Problems of rows are listed at the end, since only then it is known that no name of a column was mistyped. */
export const LISTED = { keep: 10_000, seeAll: '--skip-bad-rows writes each one to a file' };

/** Turns rows into the provider's request lines. Nothing is committed: the caller does that if there are no problems. */
export async function createRequests(options: CreateRequestsOptions): Promise<CreatedRequests> {
  const { output, rows, signal, idKey, badRows, idList } = options;
  const { builder, notes } = prepareBuilder(options);
  const checker = new RequestChecker({ ...options, ...LISTED, skipBad: badRows !== undefined });
  let firstBad: LineProblem | undefined;
  const reject = (row: InputRow, problem: LineProblem): Promise<void> | undefined => {
    firstBad ??= problem;
    if (badRows) return badRows.add(toBadRow(row, problem, checker.problems.places));
    checker.problems.add(problem);
    return undefined;
  };
  let index = 0;
  for await (const block of rows) {
    signal?.throwIfAborted();
    for (const row of block) {
      if (!('value' in row)) {
        const full = reject(row, problemOf(row));
        if (full) await full;
        continue;
      }
      const input = toRequestInput(row.value, index, idKey);
      index += 1;
      if (typeof input === 'string') {
        const full = reject(row, { line: row.line, code: 'invalid_row', message: input });
        if (full) await full;
        continue;
      }
      const request = builder.build(input);
      const [problem] = checker.check(row.line, request);
      if (problem && badRows) {
        const full = reject(row, problem);
        if (full) await full;
        continue;
      }
      const full = output.write(`${stringifyExactly(request)}\n`, request, row);
      if (full) await full;
      if (row.originalId !== undefined && isHashedId(input.customId)) {
        const full = idList?.add({ custom_id: input.customId, id: row.originalId });
        if (full) await full;
      }
    }
  }
  checker.addBytes(output.bytes);
  if (badRows && firstBad && output.bytes === 0) checker.problems.add(noGoodRow(firstBad, badRows.lines));
  const facts = checker.facts();
  if (checker.problems.total > 0) return { ...emptyFacts, problems: checker.problems, notes };
  const tooMuch = checker
    .beyondLimits()
    .map(({ message, fix }) => `${message}: ${fix} before it is submitted`);
  return { ...facts, problems: checker.problems, notes: [...notes, ...tooMuch] };
}

const emptyFacts: RequestFacts = { requests: 0, bytes: 0, models: [], traits: [] };

/** What a request takes from its row and its model alone. */
const OWN_PARAMETERS = ['messages', 'input', 'model'];

/** What builds the requests, and what the user should know about all of them. */
export function prepareBuilder(options: Omit<CreateRequestsOptions, 'rows' | 'output'>): Pick<
  ReturnType<BatchProvider['createRequestBuilder']>,
  'notes'
> & {
  builder: ReturnType<BatchProvider['createRequestBuilder']>;
} {
  const { provider, model, responseModel } = options;
  const own = OWN_PARAMETERS.find((name) => options.params?.[name] !== undefined);
  if (own !== undefined) {
    throw new InstructorError(
      'usage',
      `--param ${own} is no parameter: it comes from the rows or from --model`,
    );
  }
  const endpoint = options.endpoint ?? options.declaration.endpoints?.[0];
  const notes: string[] = [];
  let schema: CompiledSchema | undefined;
  if (responseModel) {
    schema = compileFor(provider, responseModel, model, endpoint);
    for (const { path, message } of schema.dropped) notes.push(`Schema ${path || '/'}: ${message}`);
  }
  try {
    const { maxTokens, temperature, params } = options;
    const builder = provider.createRequestBuilder({
      model,
      endpoint,
      maxTokens,
      temperature,
      params,
      schema,
    });
    return { builder, notes: [...builder.notes, ...notes] };
  } catch (error) {
    if (!isRequestSettingsError(error)) throw error;
    throw new InstructorError('usage', error.message, { hint: error.fix, cause: error });
  }
}

/** Compiles a response model, and puts the place in the schema into the message where that is impossible. */
export function compileFor(
  provider: BatchProvider,
  responseModel: { name: string; jsonSchema: JsonSchema },
  model: string,
  endpoint: string | undefined,
): CompiledSchema {
  try {
    return provider.compileSchema(responseModel.jsonSchema, { model, endpoint, name: responseModel.name });
  } catch (error) {
    if (!isSchemaError(error)) throw error;
    const place = error.path === '' ? 'at its root' : `at ${error.path}`;
    throw new InstructorError(
      'usage',
      `The response model ${responseModel.name} cannot be used, ${place}: ${error.message}`,
      {
        hint: error.fix,
        cause: error,
      },
    );
  }
}

/** Reads a row: a list of messages, or an object with `messages` (or `input`), an id and parameters of its own. */
export function toRequestInput(
  value: unknown,
  index: number,
  namedKey: string | undefined,
): RequestInput | string {
  const fallbackId = `request-${index}`;
  const idKey = namedKey ?? 'custom_id';
  if (Array.isArray(value) && namedKey !== undefined) return `a list of messages has no "${namedKey}"`;
  if (Array.isArray(value))
    return checkMessages(value) ?? { customId: fallbackId, messages: value as Message[] };
  if (typeof value !== 'object' || value === null)
    return 'a row must be a list of messages or an object with "messages"';
  const { messages, input, [idKey]: givenId, ...params } = value as Record<string, unknown>;
  const id = givenId instanceof ExactNumber ? givenId.toString() : givenId;
  if (messages === undefined && input === undefined) return '"messages" is missing';
  const problem = messages === undefined ? undefined : checkMessages(messages);
  if (problem) return problem;
  if (id === undefined && namedKey !== undefined) return `"${namedKey}" is missing`;
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number')
    return `"${idKey}" must be a text or a number`;
  if (typeof id === 'number' && Math.abs(id) > Number.MAX_SAFE_INTEGER)
    return `"${idKey}" is a number too large to be kept exactly: write it in quotes`;
  if (typeof id === 'string' && isBroken(id)) return `"${idKey}" has half of a character in it`;
  return {
    customId: id === undefined ? fallbackId : String(id),
    messages: messages as Message[] | undefined,
    input,
    params: Object.keys(params).length > 0 ? params : undefined,
  };
}

function checkMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return '"messages" must be a list';
  if (messages.length === 0) return 'the list of messages is empty';
  for (const [index, message] of messages.entries()) {
    const { role, content, tool_calls } = (
      typeof message === 'object' && message !== null ? message : {}
    ) as Partial<Message>;
    if (typeof role !== 'string') return `message ${index + 1} has no "role"`;
    if (content === undefined && tool_calls === undefined) return `message ${index + 1} has no "content"`;
  }
  return undefined;
}
