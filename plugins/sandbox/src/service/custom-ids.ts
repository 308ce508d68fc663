import { createHash } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const BLOCK = 64 * 1024;

/**
 * The custom ids of a batch in a file of their own, a JSON text a line, since the requests themselves may go. It takes
 * its place when it is complete.
 */
export class CustomIdFile {
  readonly #hash = createHash('sha256');
  readonly #draft: string;
  #file: number | undefined;
  #lines = '';
  #digested = '';
  #count = 0;

  constructor(private readonly path: string) {
    this.#draft = `${path}.new`;
    this.#file = openSync(this.#draft, 'w');
  }

  add(id: string): void {
    this.#lines += `${JSON.stringify(id)}\n`;
    this.#digested += this.#count++ === 0 ? id : `\n${id}`;
    if (this.#lines.length > BLOCK) this.#flush();
  }

  /** The sha256 of the ids, joined by line feeds. */
  finish(): string {
    this.#flush();
    this.#close();
    renameSync(this.#draft, this.path);
    return this.#hash.digest('hex');
  }

  discard(): void {
    if (this.#file === undefined) return;
    this.#close();
    rmSync(this.#draft, { force: true });
  }

  #flush(): void {
    if (this.#file === undefined) return;
    writeSync(this.#file, this.#lines);
    this.#hash.update(this.#digested);
    this.#lines = '';
    this.#digested = '';
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
