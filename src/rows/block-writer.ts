import { WriteTurn } from './write-turn.js';

const BLOCK_BYTES = 512 * 1024;
/** UTF-8 needs no more than this for a unit of a string. */
const BYTES_PER_UNIT = 3;

/**
 * Collects text and bytes in two blocks by turns: one is filled while the other is written. The blocks are used again
 * and again, so nothing is left behind for the garbage collector.
 */
export class BlockWriter {
  private filling = Buffer.allocUnsafe(BLOCK_BYTES);
  private spare = Buffer.allocUnsafe(BLOCK_BYTES);
  private filled = 0;
  private readonly turns = new WriteTurn();
  /** Whether anything is still on its way. */
  busy = false;
  /** Taken so far, whether it has been written yet or not. */
  bytes = 0;

  /** `put` writes a block to where it belongs; the block is filled again once its promise has settled. */
  constructor(private readonly put: (block: Buffer) => Promise<void>) {}

  /** Takes text; gives a promise only if the caller has to wait before the next call. */
  write(text: string): Promise<void> | undefined {
    this.busy = true;
    const most = text.length * BYTES_PER_UNIT;
    if (most > BLOCK_BYTES - this.filled) return this.writeLater(text, most);
    const added = this.filling.write(text, this.filled, 'utf8');
    this.filled += added;
    this.bytes += added;
    return undefined;
  }

  /** The same for bytes, which are copied. */
  writeBytes(bytes: Uint8Array): Promise<void> | undefined {
    this.busy = true;
    if (bytes.byteLength > BLOCK_BYTES - this.filled) return this.writeBytesLater(bytes);
    this.filling.set(bytes, this.filled);
    this.filled += bytes.byteLength;
    this.bytes += bytes.byteLength;
    return undefined;
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

  private async writeLater(text: string, most: number): Promise<void> {
    await this.turn();
    if (most <= BLOCK_BYTES) void this.write(text);
    else await this.writeBytesLater(Buffer.from(text, 'utf8'));
  }

  private async writeBytesLater(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += BLOCK_BYTES) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES);
      if (piece.byteLength > BLOCK_BYTES - this.filled) await this.turn();
      void this.writeBytes(piece);
    }
  }

  /** Hands over the block that is full, as soon as the one before is through. */
  private async turn(): Promise<void> {
    await this.turns.ready();
    if (this.filled === 0) return;
    const full = this.filling.subarray(0, this.filled);
    [this.filling, this.spare] = [this.spare, this.filling];
    this.filled = 0;
    this.turns.start(this.put(full));
  }
}
