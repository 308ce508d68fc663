import type { OpenedFile, OpenFileOptions } from '../contract/provider.js';
import { bytesOf } from './bytes.js';

/** The headers that ask for the rest of a file. */
export function rangeHeaders(options: OpenFileOptions): Record<string, string> {
  if (!options.offset) return {};
  return {
    range: `bytes=${options.offset}-`,
    ...(options.ifRange ? { 'if-range': options.ifRange } : {}),
  };
}

/** Reads from the answer's headers where its body starts and how long the whole file is. */
export function openedFrom(answer: Response): OpenedFile {
  const contentRange = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '');
  const partial = answer.status === 206 && contentRange !== null;
  const length = partial ? contentRange[2] : answer.headers.get('content-length');
  // A compressed answer states the length of what travels, not of what arrives here.
  const totalBytes = answer.headers.has('content-encoding') ? Number.NaN : Number.parseInt(length ?? '', 10);
  const validator = answer.headers.get('etag') ?? answer.headers.get('last-modified');
  return {
    stream: bytesOf(answer.body),
    offset: partial ? Number.parseInt(contentRange[1] ?? '0', 10) : 0,
    ...(Number.isNaN(totalBytes) ? {} : { totalBytes }),
    ...(validator && !validator.startsWith('W/') ? { validator } : {}),
  };
}
