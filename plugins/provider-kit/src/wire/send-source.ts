import { ProviderError } from '../contract/errors.js';
import type { RequestSource } from '../contract/provider.js';

/**
 * Makes a call that sends a request file. Its fault must not look like one of the connection, which is tried again:
 * what reading threw is thrown as it was, and a file of another size than announced stops the call.
 */
export async function sendSource<T>(
  source: RequestSource,
  send: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  /** `reuse`: each chunk has left before the next one is asked for, as with a `transferFetch`. */
  options: { reuse?: boolean } = {},
): Promise<T> {
  let failure: { error: unknown } | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      let read = 0;
      for await (const chunk of source.open(options)) {
        read += chunk.byteLength;
        if (read > source.bytes) throw otherSize(source);
        yield chunk;
      }
      if (read < source.bytes) throw otherSize(source);
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    return await send(chunks());
  } catch (error) {
    throw failure ? failure.error : error;
  }
}

function otherSize({ name, bytes }: RequestSource): ProviderError {
  return new ProviderError(
    'invalid_request',
    `${name} is no longer ${bytes} bytes long: it changed while it was being sent`,
    { hint: 'Nothing was created. Submit again when nothing writes to the file' },
  );
}
