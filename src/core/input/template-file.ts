import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { LiquidOptions } from 'liquidjs';
import { describeFileError } from '../../failure/file-error.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { readFileBytes } from '../../rows/input-file.js';

/** Reads the text of a template, which may also come out of a pipe. */
export async function readTemplateFile(file: string, signal?: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readFileBytes(file, { signal })) pieces.push(piece);
  return templateText(Buffer.concat(pieces), file).trimEnd();
}

/** UTF-8, or UTF-16 if a mark says so. What is neither would be sent damaged with every row. */
function templateText(bytes: Buffer, file: string): string {
  const [first, second] = bytes;
  try {
    if (first === 0xff && second === 0xfe) return decode('utf-16le', bytes);
    if (first === 0xfe && second === 0xff) return decode('utf-16be', bytes);
  } catch (error) {
    throw new InstructorError('input', `${file} is not valid UTF-16`, {
      hint: 'Save it as UTF-8',
      cause: error,
    });
  }
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  throw new InstructorError('input', `${file}, line ${badLine(bytes)}: not valid UTF-8`, {
    hint: 'Save it as UTF-8',
  });
}

function decode(encoding: string, bytes: Buffer): string {
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

function badLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** Where Liquid finds the files that a template renders, which are read as strictly as the template itself. */
export const templateFolder: NonNullable<LiquidOptions['fs']> = {
  sep,
  dirname,
  exists: (file) => Promise.resolve(existsSync(file)),
  existsSync,
  readFile: (file) => Promise.resolve(readSync(file)),
  readFileSync: readSync,
  resolve: (folder, file, extension) => resolve(folder, extname(file) === '' ? file + extension : file),
  contains: (folder, file) => Promise.resolve(contains(folder, file)),
  containsSync: contains,
};

function readSync(file: string): string {
  try {
    return templateText(readFileSync(file), file);
  } catch (error) {
    throw describeFileError(error, 'read', file);
  }
}

/** Links that lead out of the folder are no part of it. */
function contains(folder: string, file: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(file));
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  } catch {
    return false;
  }
}
