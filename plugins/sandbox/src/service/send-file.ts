import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface FileToSend {
  path: string;
  contentType: string;
  /** Identifies these very bytes. */
  etag: string;
  modified: Date;
  filename?: string;
}

/** Sends a file or the range of it that was asked for, so that a broken download can go on where it stopped. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: FileToSend) {
  const { size } = await stat(file.path);
  reply.header('content-type', file.contentType);
  reply.header('accept-ranges', 'bytes');
  reply.header('etag', file.etag);
  reply.header('last-modified', file.modified.toUTCString());
  if (file.filename) reply.header('content-disposition', `attachment; filename="${file.filename}"`);

  const range = isCurrent(request.headers['if-range'], file)
    ? readRange(request.headers.range, size)
    : undefined;
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.header('content-length', end - start + 1);
  if (size === 0) return reply.send('');
  return reply.send(createReadStream(file.path, { start, end }));
}

/** `If-Range`: the range counts only if the file is still the one that the client has the beginning of. */
function isCurrent(condition: string | string[] | undefined, file: FileToSend): boolean {
  if (condition === undefined) return true;
  return condition === file.etag || condition === file.modified.toUTCString();
}

type ByteRange = { start: number; end: number };

/** One range of bytes. Anything else, such as several ranges, is ignored, as RFC 9110 allows. */
function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const length = Number(match[2]);
    return length === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size) return 'unsatisfiable';
  return start <= end ? { start, end } : undefined;
}
