import { Readable } from 'node:stream';
import { pause } from '../service/pause.js';

/** What a handler has to send. */
export type Payload = string | Buffer | Readable;

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'string' || Buffer.isBuffer(value) || value instanceof Readable;
}

async function* bytesOf(payload: Payload): AsyncGenerator<Buffer> {
  if (!(payload instanceof Readable)) yield Buffer.from(payload);
  else for await (const chunk of payload as AsyncIterable<Buffer | string>) yield Buffer.from(chunk);
}

/** The first bytes of an answer. When they have left, `end` is called, which has to end the connection. */
export function firstBytes(payload: Payload, length: number, end: () => Promise<void>): Readable {
  async function* part(): AsyncGenerator<Buffer> {
    let left = length;
    for await (const chunk of bytesOf(payload)) {
      if (left <= 0) break;
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      yield piece;
    }
    await end();
  }
  return Readable.from(part(), { objectMode: false });
}

const TICK_MS = 50;

/** An answer that comes in a trickle. */
export function trickle(payload: Payload, bytesPerSecond: number, closing: AbortSignal): Readable {
  const size = Math.max(1, Math.round((bytesPerSecond * TICK_MS) / 1000));
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const chunk of bytesOf(payload)) {
      for (let at = 0; at < chunk.length; at += size) {
        yield chunk.subarray(at, at + size);
        await pause((size / bytesPerSecond) * 1000, closing);
        if (closing.aborted) return;
      }
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
