import type { BatchFile } from '../contract/batch.js';
import { isProviderError, ProviderError } from '../contract/errors.js';

const GONE =
  /\bno such file\b|\bfile\b.*\b(?:not found|(?:does not|doesn't) exist|deleted|expired|no longer)\b|\bfind\b.*\bfile\b/i;

/**
 * What creating a batch from a file of before failed with. Services answer that the file is gone in words and statuses
 * of their own; it leaves as `not_found`, upon which the requests can be uploaded anew.
 */
export function withGoneFile(error: unknown, file: BatchFile): unknown {
  if (!isProviderError(error) || error.code !== 'invalid_request') return error;
  const told = GONE.test(error.message) || /\bfile_not_found\b/i.test(error.providerCode ?? '');
  if (!told) return error;
  const { code: _code, ...facts } = error;
  return new ProviderError('not_found', error.message, {
    ...facts,
    hint: `The uploaded file ${file.id} is gone: upload the requests again`,
    cause: error.cause,
  });
}
