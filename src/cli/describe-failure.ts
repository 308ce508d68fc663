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

/** Turns anything that was thrown into what the user is told, and the exit code. */
export function describeFailure(error: unknown, options: { debug?: boolean; bin?: string } = {}): Failure {
  const failure = classify(error, options.bin ?? 'instructor');
  if (options.debug && error instanceof Error) failure.stack = describeStack(error);
  return failure;
}

function classify(error: unknown, bin: string): Failure {
  if (error instanceof InstructorError) {
    const { kind, message, hint, details, problems } = error;
    return {
      exitCode: KIND_EXITS[kind],
      code: kind,
      message,
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
  if (thrown.oclif !== undefined) return describeUsage(thrown, bin);
  return {
    exitCode: EXIT.failed,
    code: 'unexpected',
    message: `Unexpected error: ${thrown.message ?? String(error)}`,
    hint: 'This is a mistake in the program. Run it again with --debug and report what it prints',
  };
}

/** Errors of the command line parser hold the advice to look at the help in their message. */
function describeUsage(
  error: { message?: string; suggestions?: string[]; oclif?: { exit?: number } },
  bin: string,
): Failure {
  const [first = '', ...rest] = (error.message ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('See more help'));
  // 127 says "no such command" to oclif; here that is a wrong usage like any other.
  const exit = error.oclif?.exit ?? EXIT.usage;
  const details = rest.map((line) => line.trim());
  const hint = error.suggestions?.[0] ?? `${bin} --help, or add --help to the command`;
  return { exitCode: exit === 127 ? EXIT.usage : exit, code: 'usage', message: first, details, hint };
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
