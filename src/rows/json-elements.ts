import { isUtf8 } from 'node:buffer';
import { InstructorError } from '../failure/instructor-error.js';

/** Longest row that is read: a string in Node cannot hold much more than twice of it. */
const LONGEST_ELEMENT = 256 * 1024 * 1024;

const [TAB, LINE_FEED, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

const [PLAIN, BLANK, TEXT, OPENS, CLOSES] = [0, 1, 2, 3, 4];
/** What a byte outside of texts is. */
const KINDS = new Uint8Array(256);
for (const byte of [TAB, LINE_FEED, RETURN, SPACE]) KINDS[byte] = BLANK;
KINDS[QUOTE] = TEXT;
KINDS[ARRAY] = KINDS[OBJECT] = OPENS;
KINDS[ARRAY_END] = KINDS[OBJECT_END] = CLOSES;

/** The text of one element, which may not be JSON, or may be empty. */
export interface JsonElement {
  line: number;
  text: string;
}

/**
 * Cuts a JSON array into its elements, piece by piece and on bytes: of the text only the element that is not yet
 * complete is kept. Whether an element is JSON is left to the parser.
 */
export class JsonElements {
  private place: 'before' | 'in' | 'after' = 'before';
  private inText = false;
  private escaped = false;
  private depth = 0;
  private line = 1;
  /** The first in the piece that is not counted yet. */
  private lineFeed = -1;
  /** Line of the element's first byte; 0 while there is none. */
  private begun = 0;
  private commas = 0;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(private readonly name: string) {}

  /** The elements that are complete with this piece. */
  take(piece: Buffer): JsonElement[] {
    const found: JsonElement[] = [];
    let at = this.place === 'before' ? this.open(piece) : 0;
    let start = at;
    this.lineFeed = piece.indexOf(LINE_FEED, at);
    while (at < piece.byteLength && this.place === 'in') {
      if (this.inText) {
        at = this.endOfText(piece, at);
        continue;
      }
      const byte = piece[at] as number;
      const kind = KINDS[byte];
      at += 1;
      if (kind === BLANK) continue;
      if (this.depth === 0 && (byte === COMMA || byte === ARRAY_END)) {
        const element = this.element(piece, start, at - 1, byte === COMMA);
        if (element) found.push(element);
        start = at;
        continue;
      }
      if (this.begun === 0) this.begun = this.lineAt(piece, at);
      if (kind === PLAIN) continue;
      if (kind === TEXT) this.inText = true;
      else if (kind === OPENS) this.depth += 1;
      else if (kind === CLOSES && this.depth > 0) this.depth -= 1;
    }
    this.lineAt(piece, at);
    if (this.place === 'in') this.hold(piece.subarray(start));
    if (this.place === 'after') this.requireNothing(piece.subarray(at));
    return found;
  }

  /** What a comma or the end of the array ends; nothing between the brackets is none. */
  private element(piece: Buffer, start: number, end: number, comma: boolean): JsonElement | undefined {
    if (comma) this.commas += 1;
    else this.place = 'after';
    const line = this.begun || this.lineAt(piece, end);
    const missing = this.begun === 0 && this.commas === 0;
    const text = this.textOf(piece.subarray(start, end), line);
    this.begun = 0;
    return missing ? undefined : { line, text };
  }

  /** Behind the quote that ends a text, or the end of the piece. */
  private endOfText(piece: Buffer, from: number): number {
    let at = from;
    if (this.escaped) {
      this.escaped = false;
      at += 1;
    }
    for (;;) {
      const quote = piece.indexOf(QUOTE, at);
      const end = quote === -1 ? piece.byteLength : quote;
      let escapes = 0;
      while (end - escapes > at && piece[end - escapes - 1] === BACKSLASH) escapes += 1;
      if (quote === -1) {
        this.escaped = escapes % 2 === 1;
        return end;
      }
      at = quote + 1;
      if (escapes % 2 === 0) {
        this.inText = false;
        return at;
      }
    }
  }

  /** Number of the line at a place, which may not lie before the last one that was asked for. */
  private lineAt(piece: Buffer, at: number): number {
    while (this.lineFeed !== -1 && this.lineFeed < at) {
      this.line += 1;
      this.lineFeed = piece.indexOf(LINE_FEED, this.lineFeed + 1);
    }
    return this.line;
  }

  /** Fails unless the array was complete. */
  end(): void {
    if (this.place === 'after') return;
    if (this.place === 'before') throw this.failure('is empty', 'An array of objects is expected');
    const where =
      this.begun > 0 ? `the row that begins in line ${this.begun} is not complete` : 'no ] ends it';
    throw this.failure(`is not complete: ${where}`, 'Copy or download it again');
  }

  /** Looks for the bracket that begins the array; gives the place behind it. */
  private open(piece: Buffer): number {
    if (this.line === 1 && this.heldBytes === 0) this.requireUtf8(piece);
    for (let at = piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? 3 : 0; ; at += 1) {
      const byte = piece[at];
      if (byte === undefined) return at;
      if (byte === LINE_FEED) this.line += 1;
      else if (byte === ARRAY) {
        this.place = 'in';
        return at + 1;
      } else if (byte !== SPACE && byte !== RETURN && byte !== TAB) throw this.notAnArray(byte);
    }
  }

  private hold(rest: Buffer): void {
    if (rest.byteLength === 0) return;
    this.held.push(Buffer.from(rest));
    this.heldBytes += rest.byteLength;
    if (this.heldBytes <= LONGEST_ELEMENT) return;
    throw this.failure(
      `has a row, beginning in line ${this.begun || this.line}, of more than ${LONGEST_ELEMENT / 1024 / 1024} MB`,
      'Is a bracket or a quote missing there?',
    );
  }

  private textOf(last: Buffer, line: number): string {
    const bytes = this.held.length === 0 ? last : Buffer.concat([...this.held, last]);
    this.held = [];
    this.heldBytes = 0;
    const text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(bytes)) {
      throw new InstructorError('input', `${this.name}, line ${line}: not valid UTF-8`, {
        hint: 'Save it as UTF-8',
      });
    }
    return text;
  }

  private requireNothing(rest: Buffer): void {
    for (const byte of rest) {
      if (byte === LINE_FEED) this.line += 1;
      else if (byte !== SPACE && byte !== RETURN && byte !== TAB) {
        throw this.failure(
          `goes on after the end of its array, in line ${this.line}`,
          'One array is expected',
        );
      }
    }
  }

  private requireUtf8(start: Buffer): void {
    const [first, second] = start;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw this.failure('is in UTF-16', 'Save it as UTF-8');
    }
  }

  private notAnArray(byte: number): InstructorError {
    return byte === OBJECT
      ? this.failure(
          'is a JSON object, not an array of objects',
          'If it has one object a line, name it .jsonl or say --input-format jsonl',
        )
      : this.failure('is no JSON array of objects', 'It has to begin with [');
  }

  private failure(what: string, hint: string): InstructorError {
    return new InstructorError('input', `${this.name} ${what}`, { hint });
  }
}
