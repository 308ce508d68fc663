/**
 * What went wrong, from the user's point of view. Each kind has an exit code of its own, see cli/exit-codes.
 *
 * - `usage`: the command was given something it cannot work with; `input`: the data is not right
 * - `unsupported`: the provider has no such operation; `credentials`: no key
 * - `state`: the batch is not in a state for this; `failed`: it was tried and did not work
 */
export type InstructorErrorKind = 'usage' | 'input' | 'unsupported' | 'credentials' | 'state' | 'failed';

export interface InstructorErrorDetails {
  /** What the user can do. */
  hint?: string;
  cause?: unknown;
  /** Further lines, such as the problems of a request file. */
  details?: string[];
  /** The same in a form for programs. */
  problems?: unknown[];
}

/** A failure that the user can understand and mostly mend. Anything else that is thrown is a bug or a provider's error. */
export class InstructorError extends Error {
  override readonly name = 'InstructorError';
  readonly hint?: string;
  readonly details?: string[];
  readonly problems?: unknown[];

  constructor(
    readonly kind: InstructorErrorKind,
    message: string,
    options: InstructorErrorDetails = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.details = options.details;
    this.problems = options.problems;
  }
}
