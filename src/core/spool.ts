import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFileError } from '../failure/file-error.js';

const WRITE_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;

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
  size = 0;

  private constructor(
    private readonly folder: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'instructor-'));
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

  /** Gives a record; a promise only if it has to be fetched from disk. Everything must have been flushed. */
  get(number: number): string | Promise<string> {
    const start = (this.offsets[number] ?? 0) - this.windowStart;
    const end = start + (this.lengths[number] ?? 0);
    if (start >= 0 && end <= this.window.byteLength) return this.window.toString('utf8', start, end);
    return this.fetch(number);
  }

  async close(): Promise<void> {
    await this.handle.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async fetch(number: number): Promise<string> {
    const offset = this.offsets[number] ?? 0;
    const length = this.lengths[number] ?? 0;
    const inOrder = Math.abs(offset - this.windowStart - this.window.byteLength) < READ_BYTES;
    // Far jumps mean that the order is random: a window of a megabyte would then be read for every record.
    const wanted = Math.max(length, inOrder ? READ_BYTES : 64 * 1024);
    const window = Buffer.allocUnsafe(Math.min(wanted, this.written - offset));
    let filled = 0;
    while (filled < window.byteLength) {
      const { bytesRead } = await this.handle.read(
        window,
        filled,
        window.byteLength - filled,
        offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.window = window;
    this.windowStart = offset;
    return window.toString('utf8', 0, length);
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
