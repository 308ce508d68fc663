import type { Tokenizer } from '@instructor-cli/provider-kit';
import { BytePairs } from './byte-pairs.js';

/** Counts the tokens of a text. With a factor the number may have a fraction: round the sum, not the parts. */
export type TokenCounter = (text: string) => number;

/** Joining the bytes of a word takes time that grows with its square, so that longer runs of one kind are cut here. */
const LONGEST_RUN = 256;
const LONG_RUN = new RegExp(
  `[\\p{L}\\p{M}]{${LONGEST_RUN}}|[^\\s\\p{L}\\p{N}]{${LONGEST_RUN}}|\\s{${LONGEST_RUN}}`,
  'uy',
);

/**
 * Loads an encoding, which takes a moment and about 60 MB, and counts with it. Text that says `<|endoftext|>` is text:
 * nobody but the service itself can put the token there.
 */
export async function createTokenCounter({ encoding, factor = 1 }: Tokenizer): Promise<TokenCounter> {
  const loading = loaded.get(encoding) ?? loadEncoding(encoding);
  loaded.set(encoding, loading);
  const pairs = await loading;
  return (text) => {
    let tokens = 0;
    for (const part of withoutLongRuns(text)) tokens += pairs.count(part);
    return tokens * factor;
  };
}

/** Gives the memory of the encodings back, where no more tokens are counted for a while. */
export function forgetEncodings(): void {
  loaded.clear();
}

/** Models that differ in their factor alone share one. */
const loaded = new Map<Tokenizer['encoding'], Promise<BytePairs>>();

async function loadEncoding(encoding: Tokenizer['encoding']): Promise<BytePairs> {
  const patterns = await import('gpt-tokenizer/encodingParams/constants');
  if (encoding === 'cl100k_base') {
    const { default: vocabulary } = await import('gpt-tokenizer/bpeRanks/cl100k_base');
    return new BytePairs(vocabulary, patterns.CL100K_TOKEN_SPLIT_REGEX);
  }
  const { default: vocabulary } = await import('gpt-tokenizer/bpeRanks/o200k_base');
  return new BytePairs(vocabulary, patterns.O200K_TOKEN_SPLIT_REGEX);
}

/**
 * The text in parts that hold no endless word, such as a megabyte of one letter; nearly always one part. Looks at a
 * few places only: a run of twice the length goes through one of them and as far again.
 */
function withoutLongRuns(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = LONGEST_RUN; at < text.length; at += LONGEST_RUN) {
    LONG_RUN.lastIndex = at;
    if (!LONG_RUN.test(text)) continue;
    const cut = isSecondHalf(text.charCodeAt(at)) ? at - 1 : at;
    parts.push(text.slice(start, cut));
    start = cut;
  }
  parts.push(start === 0 ? text : text.slice(start));
  return parts;
}

/** Of a character that takes two places in a string. */
function isSecondHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
