import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { fault, missing, unsupportedValue } from './errors.js';
import { readExpiresAfter } from './expires-after.js';
import type { OpenAiState, StoredFile } from './state.js';

export const MAX_FILE_BYTES = 512 * 1024 * 1024;

const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];

/** Takes an upload. The fields may come after the file, so it is on disk before they are judged. */
export async function receiveFile(state: OpenAiState, request: FastifyRequest): Promise<StoredFile> {
  const id = state.newFileId();
  const path = state.path(id);
  const hash = createHash('sha256');
  const fields: Record<string, string> = {};
  let filename: string | undefined;
  try {
    let tooLarge = false;
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        fields[part.fieldname] = String(part.value);
      } else if (part.fieldname === 'file') {
        filename = part.filename;
        await pipeline(part.file, hashed(hash), createWriteStream(path));
        tooLarge = part.file.truncated;
      } else {
        part.file.resume();
      }
    }
    if (filename === undefined) throw fault(400, missing('file'));
    if (tooLarge) throw fault(400, { message: 'File is too large.' });
    const purpose = checkPurpose(fields.purpose, filename);
    const lifetime = readExpiresAfter(nested(fields), 'expires_after');
    const { size: bytes } = await stat(path);
    return state.addFile(id, { bytes, filename, purpose, lifetime, sha256: hash.digest('hex') });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Passes bytes on and counts them in. */
function hashed(hash: Hash) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

function checkPurpose(purpose: string | undefined, filename: string): string {
  if (purpose === undefined) throw fault(400, missing('purpose'));
  if (!PURPOSES.includes(purpose)) throw fault(400, unsupportedValue('purpose', purpose, PURPOSES));
  if (purpose === 'batch' && !filename.endsWith('.jsonl')) {
    throw fault(400, { message: 'Invalid file format for Batch API. Must be .jsonl' });
  }
  return purpose;
}

/** Forms have no objects: `expires_after[seconds]` is a field of its own, and its value is a text. */
function nested(fields: Record<string, string>): { anchor?: string; seconds?: number } | undefined {
  const anchor = fields['expires_after[anchor]'];
  const seconds = fields['expires_after[seconds]'];
  if (anchor === undefined && seconds === undefined) return undefined;
  return { anchor, seconds: seconds === undefined ? undefined : Number(seconds) };
}
