const AT_THE_START = /^\s*\{\s*(?:"id"\s*:\s*"[^"\\]*"\s*,\s*)?"custom_id"\s*:\s*"([^"\\]+)"/;

/** Far enough for an id, a custom id and what stands around them. */
const LOOKED_AT = 512;

/**
 * The custom id of a request or result line that has it where all known services write it: at the start, perhaps
 * behind an `id`. Saves parsing a line of which nothing else is wanted; undefined means: parse it.
 */
export function customIdAtStart(line: string): string | undefined {
  return AT_THE_START.exec(line.length > LOOKED_AT ? line.slice(0, LOOKED_AT) : line)?.[1];
}
