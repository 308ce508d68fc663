import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RequestSource } from '@instructor-cli/provider-kit';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import { readFileBlocks, readFileBytes } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';
import { RequestChecker, type CheckerOptions, type RequestFacts } from './request-checker.js';

export interface CheckedFile extends RequestFacts {
  checker: RequestChecker;
  /** The file in the form in which it is sent. */
  source: RequestSource;
}

export interface CheckFileOptions extends CheckerOptions {
  path: string;
  /** What the file is called in messages, if not by its path. */
  name?: string;
  /** False: only count, and note what the provider has to know. */
  validate?: boolean;
  /** True: more than one batch takes is no problem. `checker.beyondLimits()` tells. */
  manyBatches?: boolean;
  /** Bytes read so far, and the size of the file. */
  onProgress?: (bytes: number, total: number) => void;
  signal?: AbortSignal;
}

/** Reads a whole request file once. What it finds wrong is in `checker.problems`. */
export async function checkRequestFile(options: CheckFileOptions): Promise<CheckedFile> {
  const { path, name = path, validate = true, onProgress, signal } = options;
  const before = await stat(path).catch((error: unknown) => {
    throw describeFileError(error, 'read', path);
  });
  const checker = new RequestChecker(options);
  let tidy = true;
  let read = 0;
  for await (const { first, lines, bytes } of readLines(readFileBlocks(path, { signal }), name)) {
    let number = first - 1;
    let trimmed = 0;
    for (const line of lines) {
      number += 1;
      const text = trimLine(line);
      if (text.length !== line.length || text === '') {
        tidy = false;
        trimmed += Buffer.byteLength(line) - Buffer.byteLength(text) + (text === '' ? 1 : 0);
        if (text === '') continue;
      }
      checkLine(checker, number, text, validate);
      if (checker.foreign) break;
    }
    checker.addBytes(bytes - trimmed);
    if (checker.foreign) break;
    onProgress?.((read += bytes), before.size);
  }
  const facts = options.manyBatches ? checker.facts() : checker.finish();
  // A byte order mark, and a missing line feed at the end, show in the size alone.
  const exact = tidy && before.size === facts.bytes;
  const source: RequestSource = {
    name: uploadName(path),
    bytes: facts.bytes,
    requests: facts.requests,
    open: ({ reuse = false } = {}) =>
      guardSize(exact ? untouched(path, reuse) : tidied(path), facts.bytes, path, before.mtimeMs),
  };
  return { ...facts, checker, source };
}

function checkLine(checker: RequestChecker, line: number, text: string, validate: boolean): void {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch (error) {
    if (validate) checker.unreadable(line, (error as Error).message);
    else checker.note(undefined);
    return;
  }
  if (validate) checker.check(line, request);
  else checker.note(request);
}

/** Cuts a carriage return and blanks at the end; most lines have none and stay as they are. */
function trimLine(line: string): string {
  const last = line.charCodeAt(line.length - 1);
  return last === 13 || last === 32 || last === 9 ? line.trimEnd() : line;
}

/** Large pieces, which cost the least to pass on. */
const SENT_BYTES = 512 * 1024;

function untouched(path: string, reuse: boolean): AsyncIterable<Uint8Array> {
  return reuse ? readFileBlocks(path, { pieceBytes: SENT_BYTES }) : readFileBytes(path);
}

/** The lines without blank ones, byte order mark and carriage returns, each ended by a line feed. */
async function* tidied(path: string): AsyncGenerator<Uint8Array> {
  for await (const { lines } of readLines(readFileBlocks(path), path)) {
    const kept = lines.map(trimLine).filter((line) => line !== '');
    if (kept.length > 0) yield Buffer.from(`${kept.join('\n')}\n`, 'utf8');
  }
}

/** The checked bytes are the ones that are sent, or the sending ends. */
async function* guardSize(
  bytes: AsyncIterable<Uint8Array>,
  expected: number,
  path: string,
  modified: number,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  let same = true;
  for await (const chunk of bytes) {
    seen += chunk.byteLength;
    // Looked at before the last piece is given away: other content may be just as long.
    if (seen === expected) same = (await stat(path)).mtimeMs === modified;
    if (seen > expected || !same) break;
    yield chunk;
  }
  if (seen !== expected || !same) {
    throw new InstructorError('failed', `${path} changed while it was being sent`, {
      hint: 'Run the command again',
    });
  }
}

/** Services want a name that ends in .jsonl. */
function uploadName(path: string): string {
  const name = basename(path);
  return name.endsWith('.jsonl') ? name : `${name}.jsonl`;
}
