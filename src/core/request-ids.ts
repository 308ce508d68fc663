import type { BatchProvider } from '@instructor-cli/provider-kit';
import { readLines } from '../rows/read-lines.js';

/** The custom ids of a request file, in its order. Lines without one are passed over: they were never accepted. */
export async function* readRequestIds(
  provider: BatchProvider,
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string[]> {
  for await (const { lines } of readLines(bytes, name)) {
    const ids: string[] = [];
    for (const line of lines) {
      const id = line === '' ? undefined : (provider.customIdAtStart?.(line) ?? parsedId(provider, line));
      if (id !== undefined) ids.push(id);
    }
    yield ids;
  }
}

function parsedId(provider: BatchProvider, line: string): string | undefined {
  try {
    return provider.checkRequest(JSON.parse(line)).customId;
  } catch {
    // Not JSON: the provider refused this line too, so no answer belongs to it.
    return undefined;
  }
}
