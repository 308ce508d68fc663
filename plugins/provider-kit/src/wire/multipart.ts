import { randomBytes } from 'node:crypto';
import { uploadStream } from './transfer.js';

export interface MultipartFile {
  field: string;
  name: string;
  type: string;
  bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface MultipartBody {
  contentType: string;
  /** Exact, so that the request needs no chunked encoding, which some gateways refuse. */
  contentLength: number;
  body: ReadableStream<Uint8Array>;
}

/** A multipart form with one file, as a stream: `FormData` would hold the file in memory and show no progress. */
export function multipartForm(
  fields: Record<string, string>,
  file: MultipartFile,
  onProgress?: (sentBytes: number) => void,
): MultipartBody {
  const boundary = `instructor-${randomBytes(12).toString('hex')}`;
  const encoder = new TextEncoder();
  let head = '';
  for (const [name, value] of Object.entries(fields)) {
    head += `--${boundary}\r\nContent-Disposition: form-data; name="${escape(name)}"\r\n\r\n${value}\r\n`;
  }
  head +=
    `--${boundary}\r\nContent-Disposition: form-data; name="${escape(file.field)}"; filename="${escape(file.name)}"\r\n` +
    `Content-Type: ${file.type}\r\n\r\n`;
  const start = encoder.encode(head);
  const end = encoder.encode(`\r\n--${boundary}--\r\n`);

  async function* parts(): AsyncGenerator<Uint8Array> {
    yield start;
    let sent = 0;
    for await (const chunk of file.open()) {
      yield chunk;
      sent += chunk.byteLength;
      onProgress?.(sent);
    }
    yield end;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: start.byteLength + file.bytes + end.byteLength,
    body: uploadStream(parts()),
  };
}

function escape(text: string): string {
  return text.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
}
