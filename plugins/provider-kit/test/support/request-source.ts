import type { RequestSource } from '@instructor-cli/provider-kit';

export interface TestSource extends RequestSource {
  text: string;
  /** How often it was opened. */
  opened: number;
}

/** A request file in memory that arrives in small pieces, cut without regard for lines or characters. */
export function requestSource(lines: readonly unknown[], pieceBytes = 7): TestSource {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const bytes = Buffer.from(text);
  const source: TestSource = {
    text,
    bytes: bytes.byteLength,
    requests: lines.length,
    name: 'requests.jsonl',
    opened: 0,
    async *open() {
      source.opened += 1;
      for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  };
  return source;
}
