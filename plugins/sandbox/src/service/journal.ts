import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Change, Store } from './store.js';
import { UnusableDataDir } from './unusable-data-dir.js';

const VERSION = 1;
/** Rewritten when it has grown to this many bytes, and to several times of what is worth keeping. */
const REWRITE_BYTES = 8 * 1024 * 1024;
const REWRITE_FACTOR = 4;

/**
 * A store in one file of JSON lines, each a list of changes: a process that is killed leaves at most its last line
 * unfinished, and that one was never acted upon. Written synchronously, so that what a client is told is kept already.
 */
export class Journal implements Store {
  readonly keeps = true;
  readonly #records = new Map<string, Map<string, string>>();
  #file: number | undefined;
  #bytes = 0;
  #bytesWorthKeeping = 0;

  constructor(private readonly path: string) {
    if (existsSync(path)) this.#replay();
    this.#rewrite();
  }

  all<T>(kind: Change['kind']): [id: string, value: T][] {
    return [...(this.#records.get(kind) ?? [])].map(([id, json]) => [id, JSON.parse(json) as T]);
  }

  get<T>(kind: Change['kind'], id: string): T | undefined {
    const json = this.#records.get(kind)?.get(id);
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  write(...changes: Change[]): void {
    if (this.#file === undefined) return;
    for (const change of changes) this.#apply(change);
    this.#append(JSON.stringify(changes));
    if (this.#bytes > REWRITE_BYTES && this.#bytes > REWRITE_FACTOR * this.#bytesWorthKeeping)
      this.#rewrite();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #apply({ kind, id, value }: Change): void {
    let records = this.#records.get(kind);
    if (!records) this.#records.set(kind, (records = new Map<string, string>()));
    if (value === undefined) records.delete(id);
    else records.set(id, JSON.stringify(value));
  }

  #replay(): void {
    const [head = '', ...lines] = readFileSync(this.path, 'utf8').split('\n');
    const version = readVersion(head);
    if (version === undefined) throw new UnusableDataDir(`${this.path} is not the journal of a sandbox.`);
    if (version > VERSION)
      throw new UnusableDataDir(`${this.path} was written by a newer sandbox (${version}).`);
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      try {
        for (const change of JSON.parse(line) as Change[]) this.#apply(change);
      } catch {
        if (index === lines.length - 1) return;
        throw new UnusableDataDir(`Line ${index + 2} of ${this.path} cannot be read.`);
      }
    }
  }

  /** Keeps one line per record. The old journal stays in place until the new one is complete. */
  #rewrite(): void {
    this.close();
    const draft = `${this.path}.new`;
    this.#file = openSync(draft, 'w');
    this.#bytes = 0;
    this.#append(JSON.stringify({ sandboxJournal: VERSION }));
    for (const [kind, records] of this.#records) {
      for (const [id, json] of records) {
        this.#append(`[{"kind":${JSON.stringify(kind)},"id":${JSON.stringify(id)},"value":${json}}]`);
      }
    }
    renameSync(draft, this.path);
    this.#bytesWorthKeeping = this.#bytes;
  }

  #append(line: string): void {
    if (this.#file === undefined) return;
    const bytes = Buffer.from(`${line}\n`);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written);
    }
    this.#bytes += bytes.length;
  }
}

function readVersion(head: string): number | undefined {
  try {
    const { sandboxJournal } = JSON.parse(head) as { sandboxJournal?: unknown };
    return typeof sandboxJournal === 'number' ? sandboxJournal : undefined;
  } catch {
    return undefined;
  }
}
