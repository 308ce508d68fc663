import { stat } from 'node:fs/promises';
import { describeFileError } from '../failure/file-error.js';
import { readFileBlocks } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';

export interface RequestFileOptions {
  path: string;
  /** What the file is called in messages, if not by its path. */
  name?: string;
  /** Bytes read so far, and the size of the file. */
  onProgress?: (bytes: number, total: number) => void;
  signal?: AbortSignal;
}

/** A line of a request file, or why it could not be read. */
export interface RequestLine {
  /** Counted from 1. */
  line: number;
  /** As it is sent, with its line feed. */
  bytes: number;
  request: unknown;
  unreadable?: string;
}

/** The requests of a file, many at a time. Blank lines are passed over. */
export async function* readRequestFile(options: RequestFileOptions): AsyncGenerator<RequestLine[]> {
  const { path, name = path, onProgress, signal } = options;
  const { size } = await stat(path).catch((error: unknown) => {
    throw describeFileError(error, 'read', path);
  });
  let read = 0;
  for await (const { first, lines, bytes } of readLines(readFileBlocks(path, { signal }), name)) {
    const block: RequestLine[] = [];
    for (const [index, line] of lines.entries()) {
      const text = line.trimEnd();
      if (text === '') continue;
      block.push(parsed(first + index, text));
    }
    yield block;
    onProgress?.((read += bytes), size);
  }
}

function parsed(line: number, text: string): RequestLine {
  const bytes = Buffer.byteLength(text) + 1;
  try {
    return { line, bytes, request: JSON.parse(text) as unknown };
  } catch (error) {
    return { line, bytes, request: undefined, unreadable: (error as Error).message };
  }
}
