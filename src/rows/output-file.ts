import { randomBytes } from 'node:crypto';
import { link, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { once } from 'node:events';
import { describeFileError } from '../failure/file-error.js';
import { InstructorError } from '../failure/instructor-error.js';
import { visibleLines } from '../text/visible.js';

/** Where rows go. Nothing has the final name before `commit`. */
export interface Output {
  /** Takes text; gives a promise only when the caller should wait, so that a loop over rows need not await each. */
  write(text: string): Promise<void> | undefined;
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Writes what is left and gives the file its name. */
  commit(): Promise<void>;
  /** Throws away what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

export interface OutputOptions {
  /** Replace a file that is there. */
  force?: boolean;
}

const BUFFERED_CHARACTERS = 64 * 1024;

/** Fails now, and not after hours of work, if the file may not be written. */
export async function requireFreeName(path: string, options: OutputOptions = {}): Promise<void> {
  if (path === '-') return;
  const there = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError(error, 'write', path);
  });
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

/** Collects small texts into large writes. */
abstract class BufferedOutput implements Output {
  private buffered = '';

  write(text: string): Promise<void> | undefined {
    this.buffered += text;
    return this.buffered.length < BUFFERED_CHARACTERS ? undefined : this.flush();
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.put(bytes);
  }

  protected async flush(): Promise<void> {
    const text = this.buffered;
    this.buffered = '';
    if (text !== '') await this.put(Buffer.from(text, 'utf8'));
  }

  protected abstract put(bytes: Uint8Array): Promise<void>;
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

  protected async put(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.byteLength;) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw describeFileError(error, 'write', this.path);
    }
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

  protected async put(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.byteLength;) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw describeFileError(error, 'write', this.path);
    }
  }

  async commit(): Promise<void> {
    await this.flush();
    await this.discard();
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

class StandardOutput extends BufferedOutput {
  private readonly decoder = new TextDecoder();

  protected async put(bytes: Uint8Array): Promise<void> {
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
