import { setFlagsFromString } from 'node:v8';

/** Work after which WebAssembly is optimised. The default of V8 is 1,800,000, which the first answer of all exceeds. */
const BUDGET = 100_000_000;

/**
 * The HTTP client of Node 20 parses answers in WebAssembly. Its optimisation begins with the first answer, and the end
 * of the program waits for it: 90 ms for nothing. With a larger budget it begins where it pays, in long downloads.
 * Later versions of Node do not need this.
 */
export function postponeOptimising(): void {
  if (!process.version.startsWith('v20.')) return;
  // The client is loaded first: V8 takes no code from its cache that was made with other flags.
  void globalThis.Headers;
  setFlagsFromString(`--wasm-tiering-budget=${BUDGET}`);
}
