import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { describeFileError } from '../../failure/file-error.js';
import { RowProblem } from './template.js';

/** What the models of the built-in providers take, by the bytes that such a file begins with. */
const SIGNATURES: [mediaType: string, pattern: RegExp][] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
];
const MEDIA_TYPES = SIGNATURES.map(([mediaType]) => mediaType);

/** Far more than any provider takes, and far less than a text in memory can have. */
const LARGEST_IMAGE = 100 * 1024 * 1024;

/** An image in OpenAI's chat form, which each provider turns into its own. */
export interface ImagePart {
  type: 'image_url';
  image_url: { url: string };
}

/**
 * Makes an image part of a URL or of the name of a file, which is read and put into the request.
 *
 * @param folder where relative names begin
 */
export function imagePart(cell: string, folder: string): ImagePart {
  return { type: 'image_url', image_url: { url: imageUrl(cell.trim(), folder) } };
}

function imageUrl(cell: string, folder: string): string {
  if (/^https?:\/\//i.test(cell)) {
    if (!URL.canParse(cell)) throw new RowProblem('invalid_image', `"${shorten(cell)}" is not a valid URL`);
    return cell;
  }
  if (/^data:/i.test(cell)) return checkedDataUrl(cell);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(cell))
    throw new RowProblem('invalid_image', `"${shorten(cell)}": an image is a file or an http(s) URL`);
  const bytes = readImage(isAbsolute(cell) ? cell : resolve(folder, cell), cell);
  return `data:${mediaTypeOf(bytes, cell)};base64,${bytes.toString('base64')}`;
}

function readImage(path: string, cell: string): Buffer {
  try {
    const kind = statSync(path);
    // A pipe would keep this waiting, and a device may have no end.
    if (!kind.isFile() && !kind.isDirectory())
      throw new RowProblem('invalid_image', `${shorten(cell)} is no regular file`);
    if (kind.size > LARGEST_IMAGE)
      throw new RowProblem(
        'invalid_image',
        `${shorten(cell)} has more than ${LARGEST_IMAGE / 1024 / 1024} MB`,
      );
    // One after the other: what is read here is what the next line of the output holds.
    return readFileSync(path);
  } catch (error) {
    if (error instanceof RowProblem) throw error;
    throw new RowProblem('invalid_image', (describeFileError(error, 'read', shorten(cell)) as Error).message);
  }
}

function mediaTypeOf(bytes: Buffer, name: string): string {
  const head = bytes.toString('latin1', 0, 16);
  const [mediaType] = SIGNATURES.find(([, pattern]) => pattern.test(head)) ?? [];
  if (mediaType !== undefined) return mediaType;
  const what = bytes.length === 0 ? 'is empty' : `is no image of these kinds: ${MEDIA_TYPES.join(', ')}`;
  throw new RowProblem('invalid_image', `${shorten(name)} ${what}`);
}

function checkedDataUrl(url: string): string {
  const [, mediaType = '', base64 = ''] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/is.exec(url) ?? [];
  const found = mediaTypeOf(Buffer.from(base64.slice(0, 64), 'base64'), 'the data URI');
  if (found !== mediaType.toLowerCase())
    throw new RowProblem('invalid_image', `the data URI says ${mediaType || 'nothing'}, but holds ${found}`);
  return url;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
