import type { BatchProvider } from '@instructor-cli/provider-kit';

/** Far enough for an id, a custom id and what stands around them. */
const HEAD_BYTES = 512;

/** From here on a character of UTF-8 has several bytes. */
const BEYOND_ASCII = /[\x80-\xff]/;

/** The custom id of a line, from its first bytes alone if possible; undefined means: parse the line. */
export function idAtStart(
  provider: BatchProvider,
  bytes: Buffer,
  start: number,
  end: number,
): string | undefined {
  if (!provider.customIdAtStart) return undefined;
  const id = provider.customIdAtStart(bytes.toString('latin1', start, Math.min(end, start + HEAD_BYTES)));
  if (id === undefined || !BEYOND_ASCII.test(id)) return id;
  return provider.customIdAtStart(bytes.toString('utf8', start, end));
}

/** Whether there is nothing in a line but blanks. Nearly all begin with their brace. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end === start || (bytes[start] !== 0x7b && bytes.toString('utf8', start, end).trim() === '');
}
