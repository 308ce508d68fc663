import { dirname } from 'node:path';
import { open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import { describeFileError } from '../../failure/file-error.js';
import { InstructorError } from '../../failure/instructor-error.js';
import type { RecordedEvent, RunEvent } from './events.js';

const LINE_FEED = 0x0a;

/** The events of a run, and whether the last line had to be cut off. */
export interface ReadJournal {
  events: RecordedEvent[];
  /** Bytes of a line that was half written when the program was ended, and those before it. */
  cut: number;
  wholeBytes: number;
}

/** Reads a journal as it is, and changes nothing. */
export async function readJournal(path: string): Promise<ReadJournal> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw describeFileError(error, 'read', path);
  });
  // Only what ends with a line feed was written whole.
  const whole = bytes.lastIndexOf(LINE_FEED) + 1;
  const events: RecordedEvent[] = [];
  const lines = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    try {
      const event = JSON.parse(line) as Partial<RecordedEvent> | null;
      if (typeof event?.event !== 'string' || typeof event.at !== 'string')
        throw new Error('it names no event');
      events.push(event as RecordedEvent);
    } catch (error) {
      throw new InstructorError('input', `${path}:${index + 1}: the journal is damaged: this is no event`, {
        hint: 'Restore the file from a copy. Nothing is sent as long as it is unclear what was sent already',
        cause: error,
      });
    }
  }
  return { events, cut: bytes.byteLength - whole, wholeBytes: whole };
}

/** That a file is there has to survive as well as what is in it. Not every system can say so of a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Writes events, each to disk before its promise is kept. */
export class Journal {
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens the journal for more, and removes a last line that was half written. */
  static async open(path: string): Promise<{ journal: Journal } & ReadJournal> {
    const read = await readJournal(path);
    try {
      if (read.cut > 0) await truncate(path, read.wholeBytes);
      return { journal: new Journal(path, await open(path, 'a')), ...read };
    } catch (error) {
      throw describeFileError(error, 'write', path);
    }
  }

  static async create(path: string): Promise<Journal> {
    try {
      const journal = new Journal(path, await open(path, 'ax'));
      await syncFolder(dirname(path));
      return journal;
    } catch (error) {
      throw describeFileError(error, 'write', path);
    }
  }

  /** One after the other, in the order of the calls. */
  async append(event: RunEvent): Promise<RecordedEvent> {
    const recorded = { at: new Date().toISOString(), ...event };
    const line = Buffer.from(`${JSON.stringify(recorded)}\n`, 'utf8');
    const before = this.last;
    const writing = before.then(async () => {
      try {
        await this.handle.appendFile(line);
        await this.handle.datasync();
      } catch (error) {
        throw describeFileError(error, 'write', this.path);
      }
    });
    // A failed write fails those behind it too: an event must not be on disk without the ones before it.
    this.last = writing;
    writing.catch(() => undefined);
    await writing;
    return recorded;
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.handle.close();
  }
}
