import { randomBytes } from 'node:crypto';
import { link, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { once } from 'node:events';
import { BlockWriter } from './block-writer.js';
import { PieceWriter } from './piece-writer.js';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import { visibleLines } from '../text/visible.js';

/** Where rows go. Nothing has the final name before `commit`. */
export interface Output {
  /** Takes text; gives a promise only when the caller should wait, so that a loop over rows need not await each. */
  write(text: string): Promise<void> | undefined;
  /** The same for bytes, which stay as they are until they are written: nobody may change them. */
  writeBytes(bytes: Uint8Array): Promise<void> | undefined;
  /** Taken so far. */
  readonly bytes: number;
  /** Writes what is left and gives the file its name. */
  commit(): Promise<void>;
  /** Throws away what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

export interface OutputOptions {
  /** Replace a file that is there. */
  force?: boolean;
}

/** Fails now, and not after hours of work, if the file may not be written. */
export async function requireFreeName(path: string, options: OutputOptions = {}): Promise<void> {
  if (path === '-') return;
  const there = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError(error, 'write', path);
  });
  if (!there && !(await stat(dirname(path)).catch(() => undefined))?.isDirectory())
    throw describeFileError({ code: 'ENOENT' }, 'write', path);
  if (there?.isDirectory())
    throw new InstructorError('usage', `Cannot write ${path}: it is a folder, not a file`, {
      hint: 'Name a file in it',
    });
  if (there?.isFile() && !options.force) throw alreadyThere(path);
}

/** Refuses to write a file that is being read: with `--force` its contents would be lost. */
export async function requireOtherFile(path: string, input: string | undefined): Promise<void> {
  if (input === undefined || path === '-' || input === '-') return;
  const [to, from] = await Promise.all([path, input].map((file) => stat(file).catch(() => undefined)));
  const same = to?.isFile() && to.ino === from?.ino && to.dev === from.dev;
  if (!same) return;
  throw new InstructorError('usage', `${path} is also what is read`, {
    hint: 'Choose another name for the output',
  });
}

/** Opens a file for writing, under a temporary name beside the final one; `-` is standard output. */
export async function openOutput(path: string, options: OutputOptions = {}): Promise<Output> {
  if (path === '-') return new StandardOutput();
  await requireFreeName(path, options);
  const there = await stat(path).catch(() => undefined);
  // Devices and named pipes, such as /dev/null: a rename would put a file in their place.
  if (there && !there.isFile()) return await DeviceOutput.open(path);
  // Behind a link it is the file that is replaced, and it keeps its permissions.
  const target = there ? await realpath(path) : path;
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', there?.mode).catch((error: unknown) => {
    throw describeFileError(error, 'write', path);
  });
  return new FileOutput(target, temporary, handle, options.force ?? false);
}

function alreadyThere(path: string): InstructorError {
  return new InstructorError('usage', `${path} exists already`, {
    hint: 'Choose another name, or replace it with --force',
  });
}

/** Writes all of it, in as many calls as the system wants. */
async function writeAll(handle: FileHandle, pieces: Uint8Array[], path: string): Promise<void> {
  try {
    let left = pieces;
    while (left.length > 0) {
      let { bytesWritten } = await handle.writev(left);
      while (left[0] && bytesWritten >= left[0].byteLength) {
        bytesWritten -= left[0].byteLength;
        left = left.slice(1);
      }
      if (left[0] && bytesWritten > 0) left = [left[0].subarray(bytesWritten), ...left.slice(1)];
    }
  } catch (error) {
    throw describeFileError(error, 'write', path);
  }
}

/** Collects small texts into large writes. */
abstract class BufferedOutput implements Output {
  private readonly blocks = new BlockWriter((block) => this.putAll([block]));
  private readonly pieces = new PieceWriter((pieces) => this.putAll(pieces));

  get bytes(): number {
    return this.blocks.bytes + this.pieces.bytes;
  }

  write(text: string): Promise<void> | undefined {
    return this.pieces.busy
      ? this.after(this.pieces, () => this.blocks.write(text))
      : this.blocks.write(text);
  }

  writeBytes(bytes: Uint8Array): Promise<void> | undefined {
    return this.blocks.busy
      ? this.after(this.blocks, () => this.pieces.write(bytes))
      : this.pieces.write(bytes);
  }

  /** Text and bytes go different ways, and must not overtake each other. */
  private async after(
    other: BlockWriter | PieceWriter,
    write: () => Promise<void> | undefined,
  ): Promise<void> {
    await other.flush();
    await write();
  }

  protected async flush(): Promise<void> {
    await this.blocks.flush();
    await this.pieces.flush();
  }

  /** Waits for what is on its way, before its file is closed; that it failed has been said, or does not matter any more. */
  protected async settle(): Promise<void> {
    await Promise.all([this.blocks.settle(), this.pieces.settle()]);
  }

  protected abstract putAll(pieces: Uint8Array[]): Promise<void>;
  abstract commit(): Promise<void>;
  abstract discard(): Promise<void>;
}

class FileOutput extends BufferedOutput {
  private open = true;

  constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    private readonly force: boolean,
  ) {
    super();
  }

  protected async putAll(pieces: Uint8Array[]): Promise<void> {
    await writeAll(this.handle, pieces, this.path);
  }

  async commit(): Promise<void> {
    await this.flush();
    try {
      await this.handle.sync();
      await this.handle.close();
      this.open = false;
      if (this.force) await rename(this.temporary, this.path);
      else await this.nameWithoutReplacing();
    } catch (error) {
      await this.discard();
      throw describeFileError(error, 'write', this.path);
    }
  }

  /** A link fails where a rename would replace a file that appeared in the meantime. */
  private async nameWithoutReplacing(): Promise<void> {
    try {
      await link(this.temporary, this.path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw alreadyThere(this.path);
      // File systems without links (FAT, some network drives) leave only the rename.
      await requireFreeName(this.path);
      await rename(this.temporary, this.path);
      return;
    }
    await rm(this.temporary, { force: true });
  }

  async discard(): Promise<void> {
    await this.settle();
    if (this.open) await this.handle.close().catch(() => undefined);
    this.open = false;
    await rm(this.temporary, { force: true });
  }
}

/** Takes everything at once: there is no name to give at the end. */
class DeviceOutput extends BufferedOutput {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {
    super();
  }

  static async open(path: string): Promise<DeviceOutput> {
    try {
      return new DeviceOutput(path, await open(path, 'w'));
    } catch (error) {
      throw describeFileError(error, 'write', path);
    }
  }

  protected async putAll(pieces: Uint8Array[]): Promise<void> {
    await writeAll(this.handle, pieces, this.path);
  }

  async commit(): Promise<void> {
    await this.flush();
    await this.discard();
  }

  async discard(): Promise<void> {
    await this.settle();
    await this.handle.close().catch(() => undefined);
  }
}

class StandardOutput extends BufferedOutput {
  private readonly decoder = new TextDecoder();

  protected async putAll(pieces: Uint8Array[]): Promise<void> {
    // Standard output may keep what it is given for a while, and the memory is used again.
    const bytes = Buffer.concat(pieces);
    // A terminal would obey what a model or a provider wrote; a pipe gets the bytes as they are.
    const shown = process.stdout.isTTY ? visibleLines(this.decoder.decode(bytes, { stream: true })) : bytes;
    if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
  }

  async commit(): Promise<void> {
    await this.flush();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}
