const EMPTY = 0xffffffff;

/**
 * Numbers ids in the order in which they come: a map of a million ids in about 24 MB, where a `Map` of strings
 * takes ten times that. An id is known by a hash of 64 bits; that two of a million ids share one is a chance of
 * less than one in ten million.
 */
export class IdTable {
  private capacity = 1 << 12;
  private low = new Uint32Array(this.capacity);
  private high = new Uint32Array(this.capacity);
  private indexes = new Uint32Array(this.capacity).fill(EMPTY);
  size = 0;

  /** Gives the number of a new id, or `-1 - number` if the id is there already. */
  add(id: string): number {
    if (this.size * 2 >= this.capacity) this.grow();
    const [low, high] = hash(id);
    const slot = this.slotOf(low, high);
    const known = this.indexes[slot] ?? EMPTY;
    if (known !== EMPTY) return -1 - known;
    this.low[slot] = low;
    this.high[slot] = high;
    this.indexes[slot] = this.size;
    return this.size++;
  }

  /** The number of an id, or -1. */
  find(id: string): number {
    const [low, high] = hash(id);
    const index = this.indexes[this.slotOf(low, high)] ?? EMPTY;
    return index === EMPTY ? -1 : index;
  }

  /** The place where this hash is, or where it would go. */
  private slotOf(low: number, high: number): number {
    const mask = this.capacity - 1;
    let slot = (low ^ high) & mask;
    while (this.indexes[slot] !== EMPTY && (this.low[slot] !== low || this.high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { low, high, indexes } = this;
    this.capacity *= 2;
    this.low = new Uint32Array(this.capacity);
    this.high = new Uint32Array(this.capacity);
    this.indexes = new Uint32Array(this.capacity).fill(EMPTY);
    for (const [at, index] of indexes.entries()) {
      if (index === EMPTY) continue;
      const slot = this.slotOf(low[at] ?? 0, high[at] ?? 0);
      this.low[slot] = low[at] ?? 0;
      this.high[slot] = high[at] ?? 0;
      this.indexes[slot] = index;
    }
  }
}

/** Two independent multiplicative hashes of 32 bits, each mixed at the end so that all bits depend on all. */
function hash(id: string): [low: number, high: number] {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = 0; at < id.length; at += 1) {
    const unit = id.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return [mix(low ^ id.length), mix(high)];
}

function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
