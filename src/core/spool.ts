import { readSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileError } from '../failure/file-error.js';

const WRITE_BYTES = 256 * 1024;
const READ_BYTES = 256 * 1024;

/**
 * Records on disk that are written once in any order and read again by number. Of each record only its place is
 * kept in memory, 12 bytes. Reading ahead makes records that are nearly in order cheap.
 */
export class Spool {
  private offsets = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private written = 0;
  private window = Buffer.alloc(0);
  private windowStart = 0;
  private windowEnd = 0;
  size = 0;

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'instructor-')).catch((error: unknown) => {
      throw describeFileError(error, 'write', tmpdir());
    });
    return new Spool(folder, await open(join(folder, 'records'), 'wx+'));
  }

  /** Adds the next record; gives a promise only when the caller should wait. */
  add(text: string): Promise<void> | undefined {
    const bytes = Buffer.from(text, 'utf8');
    if (this.size === this.lengths.length) this.grow();
    this.offsets[this.size] = this.written + this.pendingBytes;
    this.lengths[this.size] = bytes.byteLength;
    this.size += 1;
    this.pending.push(bytes);
    this.pendingBytes += bytes.byteLength;
    return this.pendingBytes < WRITE_BYTES ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    try {
      for (let at = 0; at < bytes.byteLength;) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.byteLength - at, this.written);
        at += bytesWritten;
        this.written += bytesWritten;
      }
    } catch (error) {
      throw describeFileError(error, 'write', this.folder);
    }
  }

  /**
   * Gives a record. Everything must have been flushed. The file was written a moment ago and is small, so reading it
   * at once is ten times cheaper than waiting for it.
   */
  get(number: number): string {
    const offset = this.offsets[number] ?? 0;
    const length = this.lengths[number] ?? 0;
    if (offset < this.windowStart || offset + length > this.windowEnd) this.fetch(offset, length);
    const start = offset - this.windowStart;
    return this.window.toString('utf8', start, start + length);
  }

  async close(): Promise<void> {
    await this.handle.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private fetch(offset: number, length: number): void {
    // Records that come in their own order are read many at a time; in random order that would be for nothing.
    const inOrder = Math.abs(offset - this.windowEnd) < READ_BYTES;
    const wanted = Math.min(inOrder ? Math.max(length, READ_BYTES) : length, this.written - offset);
    if (this.window.byteLength < wanted) this.window = Buffer.allocUnsafe(Math.max(wanted, READ_BYTES));
    let filled = 0;
    while (filled < wanted) {
      const bytesRead = readSync(this.handle.fd, this.window, filled, wanted - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.windowStart = offset;
    this.windowEnd = offset + filled;
  }

  private grow(): void {
    const offsets = new Float64Array(this.offsets.length * 2);
    const lengths = new Uint32Array(this.lengths.length * 2);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    this.offsets = offsets;
    this.lengths = lengths;
  }
}
