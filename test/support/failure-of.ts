import { isProviderError, type ProviderError } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../src/failure/instructor-error.js';

/** What a piece of work threw; it is an error of the test if nothing was thrown. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    return error;
  }
  throw new Error(`nothing was thrown; it gave ${JSON.stringify(result)}`);
}

/** The failure that a user would see. */
export async function failureOf(work: () => unknown): Promise<InstructorError> {
  const error = await thrownBy(work);
  if (error instanceof InstructorError) return error;
  throw error;
}

/** The failure that a provider reported, or that is reported in its name. */
export async function providerFailureOf(work: () => unknown): Promise<ProviderError> {
  const error = await thrownBy(work);
  if (isProviderError(error)) return error;
  throw error;
}
