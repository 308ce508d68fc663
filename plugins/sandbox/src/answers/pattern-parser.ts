/** What a pattern is made of, as far as it can be written backwards into a text. */
export type PatternNode =
  | { kind: 'set'; characters: string }
  | { kind: 'group'; options: PatternNode[][] }
  | { kind: 'repeat'; node: PatternNode; minimum: number; maximum: number };

/** Raised for what has no simple answer: lookarounds, back-references. */
export class UnsupportedPattern extends Error {}

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const WORD = LOWER + UPPER + DIGITS + '_';
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

const without = (characters: string): string =>
  [...PRINTABLE].filter((character) => !characters.includes(character)).join('');

const CLASSES: Record<string, string> = {
  d: DIGITS,
  w: WORD,
  s: ' ',
  D: without(DIGITS),
  W: without(WORD),
  S: without(' '),
};
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };
const PROPERTIES: Record<string, string> = { L: LOWER + UPPER, Lu: UPPER, Ll: LOWER, N: DIGITS, Nd: DIGITS };

/** Reads the common part of the regular expressions of JavaScript. */
export function parsePattern(source: string): PatternNode {
  const characters = [...source];
  let position = 0;

  function alternatives(): PatternNode {
    const options: PatternNode[][] = [[]];
    while (position < characters.length && characters[position] !== ')') {
      if (characters[position] === '|') {
        position++;
        options.push([]);
        continue;
      }
      const node = quantified();
      if (node) options.at(-1)?.push(node);
    }
    return { kind: 'group', options };
  }

  function quantified(): PatternNode | undefined {
    const node = atom();
    if (!node) return undefined;
    const [minimum, maximum] = quantifier();
    return minimum === 1 && maximum === 1 ? node : { kind: 'repeat', node, minimum, maximum };
  }

  function atom(): PatternNode | undefined {
    const character = characters[position++];
    if (character === '^' || character === '$') return undefined;
    if (character === '.') return { kind: 'set', characters: LOWER + DIGITS };
    if (character === '(') return group();
    if (character === '[') return { kind: 'set', characters: bracket() };
    if (character === '\\') {
      const next = characters[position];
      if (next === 'b' || next === 'B') {
        position++;
        return undefined;
      }
      return { kind: 'set', characters: escaped() };
    }
    return { kind: 'set', characters: character ?? '' };
  }

  function group(): PatternNode {
    if (characters[position] === '?') {
      const rest = characters.slice(position).join('');
      const opening = /^\?(?::|<[A-Za-z_]\w*>)/.exec(rest);
      if (!opening) throw new UnsupportedPattern('lookaround');
      position += opening[0].length;
    }
    const node = alternatives();
    position++;
    return node;
  }

  function escaped(): string {
    const character = characters[position++] ?? '';
    if (CLASSES[character]) return CLASSES[character];
    if (CONTROLS[character]) return CONTROLS[character];
    if (/[1-9k]/.test(character)) throw new UnsupportedPattern('back-reference');
    const rest = characters.slice(position).join('');
    if (character === 'p') {
      const property = /^\{(\w+)\}/.exec(rest);
      const set = PROPERTIES[property?.[1] ?? ''];
      if (!property || !set) throw new UnsupportedPattern('property');
      position += property[0].length;
      return set;
    }
    const code = character === 'u' ? /^([0-9a-fA-F]{4})|^\{([0-9a-fA-F]+)\}/.exec(rest) : null;
    const hex = character === 'x' ? /^([0-9a-fA-F]{2})/.exec(rest) : code;
    if (!hex) return character;
    position += hex[0].length;
    return String.fromCodePoint(Number.parseInt(hex[1] ?? hex[2] ?? '0', 16));
  }

  function bracket(): string {
    const negated = characters[position] === '^';
    if (negated) position++;
    let set = '';
    while (position < characters.length && characters[position] !== ']') {
      const first = bracketItem();
      const isRange = characters[position] === '-' && characters[position + 1] !== ']' && first.length === 1;
      if (!isRange) {
        set += first;
        continue;
      }
      position++;
      const last = bracketItem();
      const [from, to] = [first.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0];
      for (let code = from; code <= to && code - from < 256; code++) set += String.fromCodePoint(code);
    }
    position++;
    return negated ? without(set) : set;
  }

  function bracketItem(): string {
    const character = characters[position++] ?? '';
    return character === '\\' ? escaped() : character;
  }

  function quantifier(): [minimum: number, maximum: number] {
    const rest = characters.slice(position, position + 24).join('');
    const match = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(rest);
    if (!match) return [1, 1];
    position += match[0].length;
    if (match[1] === '*') return [0, Infinity];
    if (match[1] === '+') return [1, Infinity];
    if (match[1] === '?') return [0, 1];
    const minimum = Number(match[2]);
    if (match[3] === undefined) return [minimum, minimum];
    return [minimum, match[4] ? Number(match[4]) : Infinity];
  }

  return alternatives();
}
