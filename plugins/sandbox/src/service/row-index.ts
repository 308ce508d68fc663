import { closeSync, openSync, readSync } from 'node:fs';

/** Where each request sits in its file. Eight bytes a row, so that rows themselves need not be kept. */
export class RowIndex {
  #offsets = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(offset: number, length: number): void {
    if (this.#size === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#lengths = grown(this.#lengths);
    }
    this.#offsets[this.#size] = offset;
    this.#lengths[this.#size] = length;
    this.#size++;
  }

  at(row: number): { offset: number; length: number } {
    return { offset: this.#offsets[row] ?? 0, length: this.#lengths[row] ?? 0 };
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/**
 * Reads single rows in any order. Synchronously: the file was just written and sits in the page cache, where a read
 * takes microseconds, while a trip through the thread pool for each of 50,000 rows takes seconds.
 */
export class RowReader {
  #file: number | undefined;
  #buffer = Buffer.allocUnsafe(64 * 1024);

  constructor(
    path: string,
    private readonly index: RowIndex,
  ) {
    this.#file = openSync(path, 'r');
  }

  read(row: number): string {
    if (this.#file === undefined) throw new Error('The request file is closed.');
    const { offset, length } = this.index.at(row);
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(length * 2);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#file, this.#buffer, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return this.#buffer.toString('utf8', 0, filled);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
