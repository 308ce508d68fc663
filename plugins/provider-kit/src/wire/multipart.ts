import { randomBytes } from 'node:crypto';

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
    body: streamOf(parts()),
  };
}

/** A web stream that pulls from an iterable and stops it when the request is given up. */
export function streamOf(iterable: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = iterable[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function escape(text: string): string {
  return text.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
}
