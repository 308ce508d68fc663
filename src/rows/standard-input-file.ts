import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describeFileError } from '../failure/file-error.js';
import { openForReading } from './input-file.js';

/** A file that can be read more than once, and what removes it. */
export interface ReadableFile {
  path: string;
  remove: () => Promise<void>;
}

/** Puts standard input, or another pipe, into a temporary file where it has to be read twice; other files stay where they are. */
export async function rereadable(path: string, signal: AbortSignal): Promise<ReadableFile> {
  if (path !== '-' && !(await isPipe(path))) return { path, remove: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'instructor-'));
  const file = {
    path: join(folder, 'standard-input.jsonl'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    const source = path === '-' ? process.stdin : await openForReading(path, signal);
    await pipeline(source, createWriteStream(file.path), { signal });
    return file;
  } catch (error) {
    await file.remove();
    throw describeFileError(error, 'write', file.path);
  }
}

/** What a shell makes of `<(command)`. */
async function isPipe(path: string): Promise<boolean> {
  // What is wrong with a path is said when it is read.
  const there = await stat(path).catch(() => undefined);
  return there?.isFIFO() ?? false;
}
