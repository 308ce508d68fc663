import { lstat, rm } from 'node:fs/promises';
import { describeFileError } from '../failure/file-error.js';
import { stringifyExactly } from '../rows/exact-number.js';
import { openOutput, requireFreeName, type Output, type OutputOptions } from '../rows/output-file.js';
import type { LineFile } from './create-requests.js';

/**
 * A file beside another one, of JSON Lines. It is there only if something was written into it: one of an earlier run is
 * replaced, or goes, with the file that it belonged to.
 */
export class SideFile implements LineFile {
  lines = 0;
  private output: Output | undefined;

  constructor(
    readonly path: string,
    private readonly options: OutputOptions,
  ) {}

  /** Fails now, and not after hours of work, if the name is taken. */
  async requireFreeName(): Promise<void> {
    await requireFreeName(this.path, this.options);
  }

  add(record: unknown): Promise<void> | undefined {
    this.lines += 1;
    const text = `${stringifyExactly(record)}\n`;
    return this.output ? this.output.write(text) : this.first(text);
  }

  async commit(): Promise<void> {
    if (this.output) await this.output.commit();
    else if (this.options.force) await this.removeStale();
  }

  async discard(): Promise<void> {
    await this.output?.discard();
  }

  private async removeStale(): Promise<void> {
    const there = await lstat(this.path).catch(() => undefined);
    if (!there?.isFile() && !there?.isSymbolicLink()) return;
    await rm(this.path, { force: true }).catch((error: unknown) => {
      throw describeFileError(error, 'write', this.path);
    });
  }

  private async first(text: string): Promise<void> {
    this.output = await openOutput(this.path, this.options);
    await this.output.write(text);
  }
}

/** `requests.jsonl` and `ids` give `requests.ids.jsonl`. */
export function sidePath(path: string, name: string): string {
  return `${path.replace(/\.jsonl$/i, '')}.${name}.jsonl`;
}
