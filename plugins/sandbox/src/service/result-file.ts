import { open, type FileHandle } from 'node:fs/promises';

/** A file of JSON lines in the making. It comes into being with its first line: without lines there is no file. */
export class ResultFile {
  #file: FileHandle | undefined;
  #pending = '';
  #bytes = 0;

  constructor(readonly path: string) {}

  add(line: unknown): void {
    this.#pending += `${JSON.stringify(line)}\n`;
  }

  /** Empty so far, written or not. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#pending === '';
  }

  get bytes(): number {
    return this.#bytes;
  }

  async flush(): Promise<void> {
    if (this.#pending === '') return;
    const chunk = Buffer.from(this.#pending);
    this.#pending = '';
    this.#file ??= await open(this.path, 'w');
    await this.#file.writeFile(chunk);
    this.#bytes += chunk.length;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file?.close();
    this.#file = undefined;
  }
}
