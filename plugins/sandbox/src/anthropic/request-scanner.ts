import { RowIndex } from '../service/row-index.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const TAIL_LENGTH = 256;
/** A body may hold more than `requests`, but nothing of any size belongs there. */
const MAX_REST_BYTES = 16 * 1024 * 1024;

/**
 * Finds the items of `requests` in a JSON body of any size, chunk by chunk: it keeps their places and hands each one
 * out as it is completed. What remains of the body, with a 0 in the place of each item, is small enough to be parsed
 * as a whole, and that is what proves the body to be JSON.
 */
export class RequestScanner {
  readonly index = new RowIndex();
  #rest: string[] = [];
  #restBytes = 0;
  /** The end of it: enough to see a key and the space around its colon. */
  #tail = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Inside the array that `requests` holds. */
  #inRequests = false;
  /** Parts of the item that earlier chunks began. */
  #pieces: Buffer[] = [];
  #itemStart = 0;
  #position = 0;

  constructor(private readonly onItem: (text: string, index: number) => void) {}

  /** The body without its requests. */
  get rest(): string {
    return this.#rest.join('');
  }

  push(chunk: Buffer): void {
    /** Where the part of this chunk begins that has not been put away yet. */
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++;
        if (byte === OPEN_BRACKET && this.#depth === 2 && !this.#inRequests) {
          const before = this.#tail + chunk.toString('latin1', start, at);
          if (/"requests"\s*:\s*$/.test(before)) {
            this.#keep(chunk.subarray(start, at + 1));
            start = at + 1;
            this.#inRequests = true;
            this.#itemStart = this.#position + start;
          }
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth--;
        if (this.#inRequests && this.#depth === 1) {
          this.#item(chunk.subarray(start, at));
          start = at;
          this.#inRequests = false;
        }
      } else if (byte === COMMA && this.#inRequests && this.#depth === 2) {
        this.#item(chunk.subarray(start, at));
        this.#keep(chunk.subarray(at, at + 1));
        start = at + 1;
        this.#itemStart = this.#position + start;
      }
    }
    const left = chunk.subarray(start);
    if (this.#inRequests) this.#pieces.push(left);
    else this.#keep(left);
    this.#position += chunk.length;
  }

  #item(tail: Buffer): void {
    const bytes = this.#pieces.length > 0 ? Buffer.concat([...this.#pieces, tail]) : tail;
    this.#pieces = [];
    const text = bytes.toString('utf8');
    if (text.trim() === '') return;
    this.#keep(Buffer.from('0'));
    const index = this.index.size;
    this.index.add(this.#itemStart, bytes.length);
    this.onItem(text, index);
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length;
    if (this.#restBytes > MAX_REST_BYTES) throw new RangeError('too much besides requests');
    if (bytes.length === 0) return;
    // One byte, one character: the bytes of a letter may lie in two chunks. Keys and brackets are ASCII.
    const text = bytes.toString('latin1');
    this.#rest.push(text);
    this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
  }
}
