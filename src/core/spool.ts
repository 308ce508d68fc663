import { readSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileError } from '../failure/file-error.js';
import { BlockWriter } from '../rows/block-writer.js';

const PAGE_BYTES = 16 * 1024;
/** Pages that are kept: 16 MB, enough for answers that come up to that far from their place. */
const PAGES = 1024;
const NONE = -1;
/** Places of records that are kept together. */
const PIECE = 64 * 1024;

/**
 * Records on disk that are written once in any order and read again by number. Of each record only its place is
 * kept in memory, 12 bytes. Pages of the file stay in memory for a while, which makes records that are nearly in
 * order cheap.
 */
export class Spool {
  /** In pieces, so that growing copies nothing and leaves nothing behind. */
  private readonly offsets: Float64Array[] = [];
  private readonly lengths: Uint32Array[] = [];
  private readonly writer: BlockWriter;
  private written = 0;
  private pages: Buffer | undefined;
  /** Which page of the file is in each place of `pages`. */
  private readonly kept = new Int32Array(PAGES).fill(NONE);
  size = 0;

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle,
  ) {
    this.writer = new BlockWriter((block) => this.put(block));
  }

  static async create(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'instructor-')).catch((error: unknown) => {
      throw describeFileError(error, 'write', tmpdir());
    });
    return new Spool(folder, await open(join(folder, 'records'), 'wx+'));
  }

  /** Where the next bytes will be. */
  get end(): number {
    return this.writer.bytes;
  }

  /** Takes bytes with any number of records in them; gives a promise only when the caller should wait. */
  append(bytes: Buffer): Promise<void> | undefined {
    return this.writer.writeBytes(bytes);
  }

  /** Says where in the file the next record is. */
  add(offset: number, length: number): void {
    const [piece, at] = placeOf(this.size);
    (this.offsets[piece] ??= new Float64Array(PIECE))[at] = offset;
    (this.lengths[piece] ??= new Uint32Array(PIECE))[at] = length;
    this.size += 1;
  }

  async flush(): Promise<void> {
    await this.writer.flush();
  }

  /**
   * Gives a record. Everything must have been flushed. The file was written a moment ago and is small, so reading it
   * at once is ten times cheaper than waiting for it.
   */
  get(number: number): string {
    const [piece, place] = placeOf(number);
    const offset = this.offsets[piece]?.[place] ?? 0;
    const length = this.lengths[piece]?.[place] ?? 0;
    const first = Math.floor(offset / PAGE_BYTES);
    const start = offset - first * PAGE_BYTES;
    if (start + length <= PAGE_BYTES) {
      const at = this.page(first) + start;
      return (this.pages as Buffer).toString('utf8', at, at + length);
    }
    const record = Buffer.allocUnsafe(length);
    // A long one is read by itself.
    if (length > PAGE_BYTES) {
      this.read(record, 0, length, offset);
      return record.toString('utf8');
    }
    const inFirst = PAGE_BYTES - start;
    const at = this.page(first) + start;
    (this.pages as Buffer).copy(record, 0, at, at + inFirst);
    const next = this.page(first + 1);
    (this.pages as Buffer).copy(record, inFirst, next, next + length - inFirst);
    return record.toString('utf8');
  }

  async close(): Promise<void> {
    await this.writer.settle();
    await this.handle.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async put(block: Buffer): Promise<void> {
    try {
      for (let at = 0; at < block.byteLength;) {
        const { bytesWritten } = await this.handle.write(block, at, block.byteLength - at, this.written);
        at += bytesWritten;
        this.written += bytesWritten;
      }
    } catch (error) {
      throw describeFileError(error, 'write', this.folder);
    }
  }

  /** Sees to it that a page of the file is in memory, and says where it starts there. */
  private page(number: number): number {
    this.pages ??= Buffer.allocUnsafe(PAGES * PAGE_BYTES);
    const place = number % PAGES;
    const at = place * PAGE_BYTES;
    if (this.kept[place] === number) return at;
    const offset = number * PAGE_BYTES;
    this.read(this.pages, at, Math.min(PAGE_BYTES, this.written - offset), offset);
    this.kept[place] = number;
    return at;
  }

  private read(into: Buffer, at: number, length: number, offset: number): void {
    for (let filled = 0; filled < length;) {
      const bytesRead = readSync(this.handle.fd, into, at + filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  }
}

function placeOf(number: number): [piece: number, at: number] {
  return [Math.floor(number / PIECE), number % PIECE];
}
