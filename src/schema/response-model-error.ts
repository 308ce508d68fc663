/** Something is wrong with the schema a user gave, and what to do about it. */
export class ResponseModelError extends Error {
  override readonly name = 'ResponseModelError';
  readonly code = 'response_model';

  constructor(
    message: string,
    readonly fix: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Recognises the error by its code, as all errors of the project are. */
export function isResponseModelError(error: unknown): error is ResponseModelError {
  return error instanceof Error && (error as Partial<ResponseModelError>).code === 'response_model';
}
