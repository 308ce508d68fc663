import type { BatchProvider } from '@instructor-cli/provider-kit';
import { scanLines } from '../rows/scan-lines.js';
import { idAtStart, isBlank } from './line-ids.js';

/** The custom ids of a request file, in its order. Lines without one are passed over: they were never accepted. */
export async function* readRequestIds(
  provider: BatchProvider,
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string[]> {
  for await (const { bytes, ends } of scanLines(source, name)) {
    const ids: string[] = [];
    let start = 0;
    for (const end of ends) {
      if (!isBlank(bytes, start, end)) {
        const id = idAtStart(provider, bytes, start, end) ?? parsedId(provider, bytes, start, end);
        if (id !== undefined) ids.push(id);
      }
      start = end + 1;
    }
    yield ids;
  }
}

function parsedId(provider: BatchProvider, bytes: Buffer, start: number, end: number): string | undefined {
  try {
    return provider.checkRequest(JSON.parse(bytes.toString('utf8', start, end))).customId;
  } catch {
    // Not JSON: the provider refused this line too, so no answer belongs to it.
    return undefined;
  }
}
