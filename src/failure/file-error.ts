import { InstructorError } from './instructor-error.js';

const WORDS: Record<string, { kind: 'usage' | 'failed'; text: string; hint?: string }> = {
  ENOENT: { kind: 'usage', text: 'there is no such file or folder', hint: 'Check the path' },
  ENOTDIR: { kind: 'usage', text: 'a part of the path is not a folder', hint: 'Check the path' },
  EISDIR: { kind: 'usage', text: 'it is a folder, not a file', hint: 'Name a file' },
  EACCES: {
    kind: 'usage',
    text: 'permission denied',
    hint: 'Check the permissions of the file and of its folder',
  },
  EPERM: {
    kind: 'usage',
    text: 'permission denied',
    hint: 'Check the permissions of the file and of its folder',
  },
  EROFS: { kind: 'usage', text: 'the file system is read-only', hint: 'Choose another place' },
  ENOSPC: {
    kind: 'failed',
    text: 'the disk is full',
    hint: 'Free some space and run the command again; nothing was left behind',
  },
  EDQUOT: { kind: 'failed', text: 'the disk quota is used up' },
  EMFILE: { kind: 'failed', text: 'too many files are open' },
  ENAMETOOLONG: { kind: 'usage', text: 'the name is too long', hint: 'Choose a shorter name' },
};

/** Says in words why a file could not be read or written. Errors that are none of the file system's pass through. */
export function describeFileError(error: unknown, doing: string, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const words = code === undefined ? undefined : WORDS[code];
  if (!words) return error;
  return new InstructorError(words.kind, `Cannot ${doing} ${path}: ${words.text}`, {
    hint: words.hint,
    cause: error,
  });
}
