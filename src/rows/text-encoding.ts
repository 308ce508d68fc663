import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { InstructorError } from '../failure/instructor-error.js';

const LINE_FEED = 0x0a;

/**
 * Text of any encoding as UTF-8 without its byte order mark. Without `encoding` it is UTF-8, or UTF-16 if it begins
 * with that mark; the first piece has to be long enough for one.
 */
export async function* asUtf8(
  source: AsyncIterable<Buffer>,
  name: string,
  encoding?: string,
): AsyncGenerator<Buffer> {
  let convert: ((piece?: Buffer) => Buffer) | undefined;
  for await (const piece of source) {
    convert ??= converter(encoding ?? markedEncoding(piece), name);
    const bytes = convert(piece);
    if (bytes.byteLength > 0) yield bytes;
  }
  const rest = convert?.();
  if (rest && rest.byteLength > 0) yield rest;
}

function markedEncoding([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function converter(encoding: string, name: string): (piece?: Buffer) => Buffer {
  const decoder = decoderOf(encoding);
  if (decoder.encoding === 'utf-8') return utf8Check(name);
  let line = 1;
  return (piece) => {
    try {
      const text = decoder.decode(piece, { stream: piece !== undefined });
      const bytes = Buffer.from(text, 'utf8');
      line += countOf(LINE_FEED, bytes);
      return bytes;
    } catch (error) {
      throw new InstructorError('input', `${name}, behind line ${line}: not valid ${decoder.encoding}`, {
        hint: 'Name its encoding, such as --input-encoding windows-1252, or save it as UTF-8',
        cause: error,
      });
    }
  };
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new InstructorError('usage', `There is no encoding called ${encoding}`, {
      hint: 'Use a name such as windows-1252, utf-16le or shift_jis',
      cause: error,
    });
  }
}

/** UTF-8 stays as it is: only characters that lie on the edge of two pieces are put together. */
function utf8Check(name: string): (piece?: Buffer) => Buffer {
  let cut = Buffer.alloc(0);
  let line = 1;
  let first = true;
  return (piece) => {
    let bytes = cut.byteLength === 0 && piece ? piece : Buffer.concat([cut, piece ?? Buffer.alloc(0)]);
    if (first && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    first = false;
    const whole = piece ? bytes.subarray(0, wholeCharacters(bytes)) : bytes;
    cut = Buffer.from(bytes.subarray(whole.byteLength));
    if (!isUtf8(whole)) throw notUtf8(name, line + linesBeforeBad(whole));
    line += countOf(LINE_FEED, whole);
    return whole;
  };
}

/** Where a character begins that the end cuts. */
function wholeCharacters(bytes: Buffer): number {
  const { byteLength } = bytes;
  for (let back = 1; back <= Math.min(3, byteLength); back += 1) {
    const byte = bytes[byteLength - back] ?? 0;
    if (byte < 0x80) return byteLength;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? byteLength - back : byteLength;
  }
  return byteLength;
}

function linesBeforeBad(bytes: Buffer): number {
  let lines = 0;
  for (let start = 0; ; lines += 1) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return lines;
    start = end + 1;
  }
}

function countOf(byte: number, bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}

function notUtf8(name: string, line: number): InstructorError {
  return new InstructorError('input', `${name}, line ${line}: not valid UTF-8`, {
    hint: 'Name its encoding, such as --input-encoding windows-1252, or save it as UTF-8',
  });
}
