import { open, type FileHandle } from 'node:fs/promises';

/** A file of JSON lines in the making. It comes into being with its first line: without lines there is no file. */
export class ResultFile {
  #file: FileHandle | undefined;
  #pending = '';
  #bytes = 0;

  /** With a length, an earlier run wrote that much of it; what it may have written after that is cut off. */
  constructor(
    readonly path: string,
    private readonly keptBytes = 0,
  ) {
    this.#bytes = keptBytes;
  }

  add(line: unknown): void {
    this.#pending += `${JSON.stringify(line)}\n`;
  }

  /** Empty so far, written or not. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#pending === '';
  }

  /** What has been written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes a file even if there is nothing to put into it. */
  async create(): Promise<void> {
    await this.#ensure();
  }

  async flush(): Promise<void> {
    if (this.#pending === '') return;
    const chunk = Buffer.from(this.#pending);
    this.#pending = '';
    await this.#ensure();
    await this.#file?.writeFile(chunk);
    this.#bytes += chunk.length;
  }

  async close(): Promise<void> {
    await this.flush();
    // Also where nothing was added: what lies behind the kept bytes has to go.
    if (this.keptBytes > 0 && !this.#file) await this.#ensure();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #ensure(): Promise<void> {
    if (this.#file) return;
    const resumes = this.#bytes > 0;
    this.#file = await open(this.path, resumes ? 'a' : 'w');
    if (resumes) await this.#file.truncate(this.#bytes);
  }
}
