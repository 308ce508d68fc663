import { rereadable, type ReadableFile } from '../rows/standard-input-file.js';

/** A request file that can be read again, and what it is called in messages. */
export interface OpenedRequestFile extends ReadableFile {
  name: string;
}

/** Standard input is put into a temporary file: it is read once to see whose it is, and once for the work. */
export async function openRequestFile(path: string, signal: AbortSignal): Promise<OpenedRequestFile> {
  return { ...(await rereadable(path, signal)), name: path === '-' ? 'standard input' : path };
}
