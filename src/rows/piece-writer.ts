import { WriteTurn } from './write-turn.js';

/** Written at once. */
const BATCH_BYTES = 1024 * 1024;

/** Collects pieces of bytes without copying them, and writes many at once while the next ones come in. */
export class PieceWriter {
  private pieces: Uint8Array[] = [];
  private waiting = 0;
  private readonly turns = new WriteTurn();
  /** Whether anything is still on its way. */
  busy = false;
  /** Taken so far, whether written yet or not. */
  bytes = 0;

  /** `put` writes pieces to where they belong. */
  constructor(private readonly put: (pieces: Uint8Array[]) => Promise<void>) {}

  /** Takes a piece, which stays as it is until it is written; gives a promise only if the caller has to wait. */
  write(piece: Uint8Array): Promise<void> | undefined {
    this.busy = true;
    this.pieces.push(piece);
    this.waiting += piece.byteLength;
    this.bytes += piece.byteLength;
    return this.waiting < BATCH_BYTES ? undefined : this.turn();
  }

  /** Waits until everything has been written. */
  async flush(): Promise<void> {
    await this.turn();
    await this.turns.ready();
    this.busy = false;
  }

  /** Waits for what is on its way, whatever becomes of it. */
  async settle(): Promise<void> {
    await this.turns.settle();
  }

  private async turn(): Promise<void> {
    await this.turns.ready();
    if (this.pieces.length === 0) return;
    const { pieces } = this;
    this.pieces = [];
    this.waiting = 0;
    this.turns.start(this.put(pieces));
  }
}
