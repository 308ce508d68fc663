import { close, constants, createReadStream, open, openSync, closeSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/** How often a pipe that nobody writes is told, after an interruption, not to wait any more. */
const KNOCK_MS = 20;

/**
 * Opens what is no regular file, such as a named pipe or what a shell makes of `<(command)`. Node would read it by
 * calls that wait in a thread for as long as nothing is written, and a program does not end while they wait; a socket
 * or a terminal is asked only when there is something, so that an interruption ends it at once.
 */
export async function openStream(path: string, kind: Stats, signal?: AbortSignal): Promise<Readable> {
  const descriptor = kind.isFIFO() ? await openPipe(path, signal) : await openAny(path);
  if (isatty(descriptor)) return new ReadStream(descriptor);
  if (kind.isFIFO()) return new Socket({ fd: descriptor, readable: true, writable: false });
  return createReadStream(path, { fd: descriptor });
}

async function openAny(path: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    open(path, 'r', (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
  });
}

/** Opening waits until somebody opens the other end; after an interruption that is this program itself. */
async function openPipe(path: string, signal?: AbortSignal): Promise<number> {
  signal?.throwIfAborted();
  const opening = openAny(path);
  let knocking: NodeJS.Timeout | undefined;
  const knock = (): void => {
    knocking = setInterval(() => openOtherEnd(path), KNOCK_MS);
    openOtherEnd(path);
  };
  signal?.addEventListener('abort', knock, { once: true });
  try {
    const descriptor = await opening;
    if (!signal?.aborted) return descriptor;
    close(descriptor, () => undefined);
    throw signal.reason;
  } finally {
    signal?.removeEventListener('abort', knock);
    clearInterval(knocking);
  }
}

function openOtherEnd(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // Nobody waits yet, or any more.
  }
}
