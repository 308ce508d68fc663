import { randomUUID } from 'node:crypto';

/** Only such a text can have numbers that JSON.parse would change: many digits, or a large exponent. */
const SUSPICIOUS = /\d[\d.]{15}|\d[eE]\+?\d{3}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** What stands for a number in a text, and in no text of a user. */
const MARK = `exact-number:${randomUUID()}:`;

let anyExact = false;

/**
 * A number of JSON that the numbers of the language would round, such as an id of 19 digits. It is shown as it was
 * written; compared and calculated with as the nearest number there is, but with a text digit by digit.
 */
export class ExactNumber {
  constructor(private readonly digits: string) {
    anyExact = true;
  }

  toString(): string {
    return this.digits;
  }

  valueOf(): number {
    return Number(this.digits);
  }

  /** A text, so that no digit is lost where nobody knows of these numbers. */
  toJSON(): string {
    return this.digits;
  }

  // How Liquid compares.
  equals(other: unknown): boolean {
    return other instanceof ExactNumber || typeof other === 'string'
      ? String(other) === this.digits
      : other === this.valueOf();
  }

  gt(other: unknown): boolean {
    return this.valueOf() > Number(other);
  }

  geq(other: unknown): boolean {
    return this.valueOf() >= Number(other);
  }

  lt(other: unknown): boolean {
    return this.valueOf() < Number(other);
  }

  leq(other: unknown): boolean {
    return this.valueOf() <= Number(other);
  }
}

/** JSON.parse, with what `make` makes of the digits in place of each number that would be changed. */
export function parseExactly(
  text: string,
  make: (digits: string) => unknown = (digits) => new ExactNumber(digits),
): unknown {
  const value = JSON.parse(text) as unknown;
  if (!SUSPICIOUS.test(text)) return value;
  const marked = markNumbers(text);
  if (marked === text) return value;
  return JSON.parse(marked, (_, part: unknown) =>
    typeof part === 'string' && part.startsWith(MARK) ? make(part.slice(MARK.length)) : part,
  ) as unknown;
}

/** JSON.stringify, with exact numbers as numbers. */
export function stringifyExactly(value: unknown, space?: number | string): string {
  if (!anyExact) return JSON.stringify(value, undefined, space);
  const marked = JSON.stringify(
    value,
    function (this: Record<string, unknown>, key: string, part: unknown) {
      const own = this[key];
      return own instanceof ExactNumber ? MARK + own.toString() : part;
    },
    space,
  );
  // Nothing to write is no text.
  return marked?.replaceAll(new RegExp(`"${MARK}([^"]*)"`, 'g'), '$1');
}

/** Puts the numbers that would be changed into texts. The text is known to be JSON. */
function markNumbers(text: string): string {
  let marked = '';
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    marked += text
      .slice(at, end)
      .replace(NUMBER, (digits) => (isChanged(digits) ? `"${MARK}${digits}"` : digits));
    if (quote === -1) break;
    at = closingQuote(text, quote) + 1;
    marked += text.slice(quote, at);
  }
  return marked;
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); ; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charAt(at - escapes - 1) === '\\') escapes += 1;
    if (escapes % 2 === 0) return at;
  }
}

function isChanged(digits: string): boolean {
  return SUSPICIOUS.test(digits) && String(Number(digits)) !== digits;
}
