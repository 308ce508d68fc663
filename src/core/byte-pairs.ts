/** A vocabulary by rank: each token as its text, or as its bytes where these are no text. */
export type Vocabulary = readonly (string | readonly number[])[];

/** Words whose number of tokens is remembered. */
const REMEMBERED_WORDS = 50_000;
/** Remembered words keep the texts alive that they were found in, so that they are forgotten after so many characters. */
const REMEMBERED_TEXT = 16_000_000;

/** No pair of this kind is in the vocabulary. */
const NONE = 0x7fff_ffff;

const ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex -- all of ASCII is meant

/**
 * Counts the tokens of a byte pair encoding: cuts a text into words, and joins in each the neighbours that the
 * vocabulary ranks first, until it has no more pair. Bytes are kept in strings, one a character, as `latin1` has it.
 */
export class BytePairs {
  private readonly ranks = new Map<string, number>();
  /** The same for tokens of two bytes, which are looked for most often. */
  private readonly ranksOfTwo = new Int32Array(0x1_0000).fill(NONE);
  private readonly asciiWord: RegExp;
  private readonly words = new Map<string, number>();
  private remembered = 0;
  /** Where the parts of a word begin, and the rank of each part joined with the next one. */
  private starts = new Int32Array(64);
  private pairs = new Int32Array(64);

  constructor(
    vocabulary: Vocabulary,
    /** Finds the words of a text, leaving nothing out. */
    private readonly word: RegExp,
  ) {
    vocabulary.forEach((token, rank) => {
      const bytes = typeof token === 'string' ? bytesOf(token) : String.fromCharCode(...token);
      this.ranks.set(bytes, rank);
      if (bytes.length === 2) this.ranksOfTwo[twoAt(bytes, 0)] = rank;
    });
    this.asciiWord = forAscii(word);
  }

  count(text: string): number {
    this.remembered += text.length;
    if (this.remembered > REMEMBERED_TEXT) this.forget(text.length);
    const word = ASCII.test(text) ? this.asciiWord : this.word;
    let tokens = 0;
    let start = 0;
    for (word.lastIndex = 0; word.test(text); start = word.lastIndex) {
      tokens += this.countWord(text.slice(start, word.lastIndex));
    }
    return tokens;
  }

  private countWord(word: string): number {
    const known = this.words.get(word);
    if (known !== undefined) return known;
    const bytes = bytesOf(word);
    const tokens = this.ranks.has(bytes) ? 1 : this.join(bytes);
    if (this.words.size >= REMEMBERED_WORDS) this.forget(0);
    this.words.set(word, tokens);
    return tokens;
  }

  /** The number of parts that are left in the end. */
  private join(bytes: string): number {
    let count = bytes.length;
    this.makeRoomFor(count);
    const { starts, pairs } = this;
    for (let at = 0; at <= count; at += 1) starts[at] = at;
    const rank = (at: number): number =>
      at + 2 <= count ? (this.ranks.get(bytes.slice(starts[at], starts[at + 2])) ?? NONE) : NONE;
    for (let at = 0; at < count - 1; at += 1) pairs[at] = this.ranksOfTwo[twoAt(bytes, at)] as number;
    pairs[count - 1] = NONE;
    for (;;) {
      let best = -1;
      let lowest = NONE;
      for (let at = 0; at < count - 1; at += 1) {
        const pair = pairs[at] as number;
        if (pair < lowest) [best, lowest] = [at, pair];
      }
      if (best === -1) return count;
      starts.copyWithin(best + 1, best + 2, count + 1);
      pairs.copyWithin(best + 1, best + 2, count);
      count -= 1;
      pairs[best] = rank(best);
      if (best > 0) pairs[best - 1] = rank(best - 1);
    }
  }

  private makeRoomFor(count: number): void {
    if (this.starts.length > count) return;
    this.starts = new Int32Array(count * 2);
    this.pairs = new Int32Array(count * 2);
  }

  private forget(remembered: number): void {
    this.words.clear();
    this.remembered = remembered;
  }
}

function twoAt(bytes: string, at: number): number {
  return bytes.charCodeAt(at) * 0x100 + bytes.charCodeAt(at + 1);
}

function bytesOf(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

const ASCII_CLASSES: Record<string, string> = { L: 'A-Za-z', Lu: 'A-Z', Ll: 'a-z', N: '0-9' };

/** The same pattern for text without other letters, which takes a fifth of the time. */
function forAscii({ source }: RegExp): RegExp {
  const plain = (part: string): string =>
    part.replaceAll(/\\p\{(\w+)\}/g, (_, name: string) => ASCII_CLASSES[name] ?? '');
  return new RegExp(
    source.replaceAll(/\[[^\]]*\]|\\p\{\w+\}/g, (part) =>
      part.startsWith('[') ? plain(part) : `[${plain(part)}]`,
    ),
    'g',
  );
}
