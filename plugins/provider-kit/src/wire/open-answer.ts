import { ProviderError } from '../contract/errors.js';
import type { OpenedFile, OpenFileOptions } from '../contract/provider.js';
import { bytesOf } from './bytes.js';
import { bodyOf, discardBody, FILE_TYPE } from './transfer.js';

/** The headers that ask for the rest of a file. */
export function rangeHeaders(options: OpenFileOptions): Record<string, string> {
  if (!options.offset) return {};
  return {
    range: `bytes=${options.offset}-`,
    ...(options.ifRange ? { 'if-range': options.ifRange } : {}),
  };
}

/**
 * Opens a file, or the rest of it. `request` sends the headers it is given and throws what its SDK throws for a
 * status that is no success.
 */
export async function openAnswer(
  provider: string,
  opening: OpenFileOptions,
  request: (headers: Record<string, string>) => Promise<Response>,
): Promise<OpenedFile> {
  let answer: Response;
  try {
    answer = await request({
      accept: FILE_TYPE,
      // A compressed body could not be continued at a byte offset.
      'accept-encoding': 'identity',
      ...rangeHeaders(opening),
    });
  } catch (error) {
    const end = nothingLeft(error, opening);
    if (end) return end;
    throw error;
  }
  const problem = /^text\/html\b/i.test(answer.headers.get('content-type') ?? '')
    ? `${provider} answered with a web page instead of a file`
    : rangeProblem(provider, answer, opening);
  if (problem === undefined) return openedFrom(answer);
  await discardBody(answer);
  throw new ProviderError('unavailable', problem, {
    status: answer.status,
    hint: 'Check that the base URL points at its API, and what stands between here and there',
  });
}

/** Reads from the answer's headers where its body starts and how long the whole file is. */
export function openedFrom(answer: Response): OpenedFile {
  const range = answer.status === 206 ? contentRange(answer.headers) : undefined;
  const length = range ? range.total : answer.headers.get('content-length');
  // A compressed answer states the length of what travels, not of what arrives here.
  const totalBytes = answer.headers.has('content-encoding') ? Number.NaN : Number.parseInt(length ?? '', 10);
  const validator = answer.headers.get('etag') ?? answer.headers.get('last-modified');
  return {
    stream: bodyOf(answer),
    offset: range?.start ?? 0,
    ...(Number.isNaN(totalBytes) ? {} : { totalBytes }),
    ...(validator && !validator.startsWith('W/') ? { validator } : {}),
  };
}

function contentRange(headers: Headers): { start: number; total: string | undefined } | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(headers.get('content-range') ?? '');
  return range ? { start: Number.parseInt(range[1] ?? '', 10), total: range[2] } : undefined;
}

/** A part that starts nobody knows where, or too late, would leave a hole in the file. */
function rangeProblem(
  provider: string,
  answer: Response,
  { offset = 0 }: OpenFileOptions,
): string | undefined {
  if (answer.status !== 206) return undefined;
  const range = contentRange(answer.headers);
  if (!range) return `${provider} sent a part of the file without saying which`;
  return range.start <= offset
    ? undefined
    : `${provider} sent another part of the file than the one asked for`;
}

/** Status 416 with the length that is known already: the file had been read to its end. */
function nothingLeft(error: unknown, { offset, ifRange }: OpenFileOptions): OpenedFile | undefined {
  const { status, headers } = (error ?? {}) as { status?: unknown; headers?: Headers };
  if (status !== 416 || !offset) return undefined;
  if (headers?.get('content-range') !== `bytes */${offset}`) return undefined;
  return {
    stream: bytesOf(null),
    offset,
    totalBytes: offset,
    ...(ifRange ? { validator: ifRange } : {}),
  };
}
