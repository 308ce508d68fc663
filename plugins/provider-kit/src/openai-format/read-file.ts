import type { StoredFile } from '../contract/batch.js';
import { ProviderError } from '../contract/errors.js';
import { asDate, asNumber, asRecord, asText } from '../wire/read.js';

/**
 * Reads a file object of OpenAI's shape; undefined if the service says that it is no request file. Those that do not
 * know the filter by purpose list all files.
 */
export function readOpenAIFile(raw: unknown, provider: string): StoredFile | undefined {
  const file = asRecord(raw);
  const id = asText(file?.['id']);
  if (!file || !id) {
    throw new ProviderError('unavailable', `${provider} sent something that is not a file`, {
      hint: 'Check that the base URL points at its API',
    });
  }
  const purpose = asText(file['purpose']);
  if (purpose !== undefined && purpose !== 'batch') return undefined;
  const [name, bytes] = [asText(file['filename']), asNumber(file['bytes'])];
  const [created, expires] = [asDate(file['created_at']), asDate(file['expires_at'])];
  return {
    kind: 'input',
    id,
    ...(name === undefined ? {} : { name }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(created === undefined ? {} : { created }),
    ...(expires === undefined ? {} : { expires }),
  };
}
