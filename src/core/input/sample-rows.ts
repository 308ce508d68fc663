import { createHash } from 'node:crypto';

/**
 * Chooses rows by chance, the same ones for the same seed. Each row draws a number that follows from the seed and its
 * place, and the smallest win: one pass over rows of any number, and memory for those that are chosen alone.
 */
export class RowSample {
  private drawn: { row: number; lot: number }[] = [];
  private readonly seed: number;

  constructor(
    private readonly size: number,
    seed: string,
  ) {
    this.seed = createHash('sha256').update(seed).digest().readUInt32LE();
  }

  offer(row: number): void {
    this.drawn.push({ row, lot: this.draw(row) });
    if (this.drawn.length >= 2 * this.size + 1024) this.keepSmallest();
  }

  /** The rows that won, in their order. */
  rows(): Set<number> {
    this.keepSmallest();
    return new Set(this.drawn.map(({ row }) => row).sort((left, right) => left - right));
  }

  private keepSmallest(): void {
    this.drawn.sort((left, right) => left.lot - right.lot || left.row - right.row);
    this.drawn.length = Math.min(this.drawn.length, this.size);
  }

  /** The finishing steps of MurmurHash3: every bit of the place moves every bit of the lot. */
  private draw(row: number): number {
    let hash = this.seed ^ Math.imul(row, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
