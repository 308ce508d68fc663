import type { IncomingMessage } from 'node:http';

/** So much may wait for a slow reader before the other side has to. */
const WAITING_BYTES = 1024 * 1024;

/**
 * The pieces of an answer as they arrive. Reading a stream by its own iterator pauses and resumes it at every piece,
 * which takes longer than the pieces themselves. Leaving the loop ends the connection.
 */
export async function* piecesOf(
  message: IncomingMessage,
  signal?: AbortSignal | null,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let ended = false;
  const cut = (): Error => Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
  // It may have ended before anybody began to read.
  let failure: Error | undefined = message.destroyed ? (message.errored ?? cut()) : undefined;
  let wake: () => void = () => undefined;
  message.on('data', (piece: Buffer) => {
    waiting.push(piece);
    waitingBytes += piece.byteLength;
    if (waitingBytes > WAITING_BYTES) message.pause();
    wake();
  });
  message.on('end', () => {
    ended = true;
    wake();
  });
  message.on('error', (error) => {
    failure = error;
    wake();
  });
  message.on('close', () => {
    if (!ended) failure ??= cut();
    wake();
  });
  try {
    for (;;) {
      if (waiting.length === 0) {
        // Ended from here, it ends in the words of whoever did it.
        if (failure) signal?.throwIfAborted();
        if (failure) throw failure;
        if (ended) return;
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const pieces = waiting;
      waiting = [];
      waitingBytes = 0;
      if (message.isPaused()) message.resume();
      yield* pieces;
    }
  } finally {
    message.destroy();
  }
}
