const EMPTY = 0xffffffff;
const HASHES = 2 ** 32;

/** Words of a cell: the two halves of the hash, and the number. They lie together, since a look elsewhere costs most. */
const CELL = 3;
/** A million ids then fit into 16 MB. */
const FIRST_CAPACITY = 4600;
const GROWTH = 1.5;
/** Larger expectations are no reason to take so much memory in advance. */
const MOST_EXPECTED = 2_000_000;
const FULLEST = 0.75;

/**
 * Gives ids a number each and finds it again: a million ids in 16 MB, where a `Map` of strings takes ten times that. An
 * id is known by a hash of 64 bits; that two of a million ids share one is a chance of less than one in ten million.
 */
export class IdTable {
  private capacity: number;
  private cells: Uint32Array;
  private low = 0;
  private high = 0;
  size = 0;

  /** `expected`: how many ids will come, if that is known. Growing leaves behind what was too small. */
  constructor(expected = 0) {
    this.capacity = Math.max(FIRST_CAPACITY, Math.ceil(Math.min(expected, MOST_EXPECTED) / FULLEST) + 1);
    this.cells = new Uint32Array(this.capacity * CELL).fill(EMPTY);
  }

  /** Gives the number of a new id, or `-1 - number` if the id is there already. Without one, ids are counted. */
  add(id: string, number = this.size): number {
    if (this.size > this.capacity * FULLEST) this.grow();
    this.hash(id);
    const at = this.cellOf(this.low, this.high);
    const known = this.cells[at + 2] ?? EMPTY;
    if (known !== EMPTY) return -1 - known;
    this.cells[at] = this.low;
    this.cells[at + 1] = this.high;
    this.cells[at + 2] = number;
    this.size += 1;
    return number;
  }

  /** The number of an id, or -1. */
  find(id: string): number {
    this.hash(id);
    const number = this.cells[this.cellOf(this.low, this.high) + 2] ?? EMPTY;
    return number === EMPTY ? -1 : number;
  }

  /** Where this hash is, or where it would go. */
  private cellOf(low: number, high: number): number {
    const { cells } = this;
    let at = Math.floor((low / HASHES) * this.capacity) * CELL;
    while (cells[at + 2] !== EMPTY && (cells[at] !== low || cells[at + 1] !== high)) {
      at += CELL;
      if (at === cells.length) at = 0;
    }
    return at;
  }

  private grow(): void {
    const { cells } = this;
    this.capacity = Math.ceil(this.capacity * GROWTH);
    this.cells = new Uint32Array(this.capacity * CELL).fill(EMPTY);
    for (let from = 0; from < cells.length; from += CELL) {
      if (cells[from + 2] === EMPTY) continue;
      const to = this.cellOf(cells[from] ?? 0, cells[from + 1] ?? 0);
      for (let word = 0; word < CELL; word += 1) this.cells[to + word] = cells[from + word] ?? 0;
    }
  }

  /** Two independent multiplicative hashes of 32 bits, each mixed at the end so that all bits depend on all. */
  private hash(id: string): void {
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let at = 0; at < id.length; at += 1) {
      const unit = id.charCodeAt(at);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x5bd1e995);
      high ^= high >>> 15;
    }
    this.low = mix(low ^ id.length);
    this.high = mix(high);
  }
}

function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
