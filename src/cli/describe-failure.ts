import { isProviderError, type ProviderErrorCode } from '@instructor-cli/provider-kit';
import { InstructorError, type InstructorErrorKind } from '../failure/instructor-error.js';
import { isResponseModelError } from '../schema/response-model-error.js';
import { EXIT } from './exit-codes.js';

/** An error as a user meets it. */
export interface Failure {
  exitCode: number;
  /** A stable word for programs. */
  code: string;
  message: string;
  /** True where nothing broke: the provider simply lacks the operation. */
  note?: boolean;
  details?: string[];
  problems?: unknown[];
  hint?: string;
  status?: number;
  providerCode?: string;
  requestId?: string;
  stack?: string;
}

const KIND_EXITS: Record<InstructorErrorKind, number> = {
  usage: EXIT.usage,
  input: EXIT.failed,
  unsupported: EXIT.unsupported,
  credentials: EXIT.credentials,
  state: EXIT.state,
  failed: EXIT.failed,
};

const PROVIDER_EXITS: Record<ProviderErrorCode, number> = {
  authentication: EXIT.credentials,
  permission: EXIT.credentials,
  not_found: EXIT.failed,
  wrong_state: EXIT.state,
  invalid_request: EXIT.failed,
  rate_limited: EXIT.failed,
  quota_exceeded: EXIT.failed,
  unavailable: EXIT.failed,
  network: EXIT.failed,
  unsupported: EXIT.unsupported,
};

export interface DescribeOptions {
  debug?: boolean;
  bin?: string;
  /** The command that failed, as it is typed. */
  command?: string;
}

/** Turns anything that was thrown into what the user is told, and the exit code. */
export function describeFailure(error: unknown, options: DescribeOptions = {}): Failure {
  const { bin = 'instructor', command } = options;
  const failure = classify(error, bin);
  if (failure.code === 'usage') failure.hint ??= `${bin} ${command ? `${command} ` : ''}--help`;
  if (options.debug && error instanceof Error) failure.stack = describeStack(error);
  return failure;
}

function classify(error: unknown, bin: string): Failure {
  if (error instanceof InstructorError) {
    const { kind, hint, details, problems } = error;
    return {
      exitCode: KIND_EXITS[kind],
      code: kind,
      message: parserWords(error.message).join(' '),
      hint,
      details,
      problems,
      note: kind === 'unsupported',
    };
  }
  if (isProviderError(error)) {
    const { code, message, status, providerCode, requestId } = error;
    const hint =
      error.hint ??
      (code === 'not_found'
        ? `Check the id, and that the key belongs to the same project: ${bin} batch list`
        : undefined);
    return {
      exitCode: PROVIDER_EXITS[code] ?? EXIT.failed,
      code,
      message,
      hint,
      status,
      providerCode,
      requestId,
    };
  }
  if (isAbort(error)) return { exitCode: EXIT.interrupted, code: 'interrupted', message: 'Interrupted' };
  const thrown = (error ?? {}) as Partial<Error> & {
    code?: unknown;
    fix?: string;
    oclif?: { exit?: number };
    suggestions?: string[];
  };
  if (isResponseModelError(error)) {
    return { exitCode: EXIT.usage, code: 'response_model', message: error.message, hint: error.fix };
  }
  if (thrown.oclif !== undefined) return describeUsage(thrown);
  return {
    exitCode: EXIT.failed,
    code: 'unexpected',
    message: `Unexpected error: ${thrown.message ?? String(error)}`,
    hint: 'This is a mistake in the program. Run it again with --debug and report what it prints',
  };
}

/** Errors of the command line parser. */
function describeUsage(error: {
  message?: string;
  suggestions?: string[];
  oclif?: { exit?: number };
}): Failure {
  const [message = '', ...details] = parserWords(error.message ?? '');
  // 127 says "no such command" to oclif; here that is a wrong usage like any other.
  const exit = error.oclif?.exit ?? EXIT.usage;
  return {
    exitCode: exit === 127 ? EXIT.usage : exit,
    code: 'usage',
    message,
    details,
    hint: error.suggestions?.[0],
  };
}

/**
 * The parser puts a headline over its messages, advice below them, and `Parsing --flag` in front of what the check of
 * a flag says. What is left are the sentences.
 */
function parserWords(message: string): string[] {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(See more help|The following errors? occurred)/.test(line));
  const flag = /^Parsing (--\S+)$/.exec(lines[0] ?? '')?.[1];
  if (flag === undefined || lines.length < 2) return lines;
  return [`${flag}: ${lines.slice(1).join(' ')}`];
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'ExitPromptError');
}

function describeStack(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${describeStack(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** The same for `--json`. */
export function failureToJson(failure: Failure): Record<string, unknown> {
  const { code, message, hint, details, problems, status, providerCode, requestId, exitCode } = failure;
  return {
    error: {
      code,
      message,
      hint: hint ?? null,
      status: status ?? null,
      provider_code: providerCode ?? null,
      request_id: requestId ?? null,
      exit_code: exitCode,
      ...(problems ? { problems } : details && details.length > 0 ? { details } : {}),
    },
  };
}
