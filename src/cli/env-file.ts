import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describeFileError } from '../failure/file-error.js';

/** Variables from a file in the form of `.env`. */
export function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as Record<string, string | undefined>;
  } catch (error) {
    throw describeFileError(error, 'read', path);
  }
}
