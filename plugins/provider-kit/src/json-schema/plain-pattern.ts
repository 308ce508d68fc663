/** Look-around, back references, word boundaries, lazy quantifiers and Unicode classes. */
const BEYOND_REGULAR = /\(\?(?!:)|\\[1-9]|\\k|\\[bB]|[*+?}]\?|\\[pP]\{/;

/**
 * Whether a pattern is regular in the strict sense, so that an answer can be generated along it. Providers reject a
 * whole schema for one pattern that is not: "regex lookaround is not supported".
 */
export function isPlainPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && !BEYOND_REGULAR.test(pattern);
}
