import { expect } from 'chai';
import { describeFileError } from '../../src/failure/file-error.js';
import { InstructorError } from '../../src/failure/instructor-error.js';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: words of the system`), { code });
}

describe('errors of the file system', () => {
  for (const [code, kind, words] of [
    ['ENOENT', 'usage', 'there is no such file or folder'],
    ['ENOTDIR', 'usage', 'a part of the path is not a folder'],
    ['EISDIR', 'usage', 'it is a folder, not a file'],
    ['EACCES', 'usage', 'permission denied'],
    ['EPERM', 'usage', 'permission denied'],
    ['EROFS', 'usage', 'the file system is read-only'],
    ['ENAMETOOLONG', 'usage', 'the name is too long'],
    ['ENOSPC', 'failed', 'the disk is full'],
    ['EDQUOT', 'failed', 'the disk quota is used up'],
    ['EMFILE', 'failed', 'too many files are open'],
  ] as const) {
    it(`are told in words: ${code}`, () => {
      const cause = systemError(code);
      const error = describeFileError(cause, 'write', 'out.jsonl') as InstructorError;
      expect(error).to.be.instanceOf(InstructorError);
      expect(error.kind).to.equal(kind);
      expect(error.message).to.equal(`Cannot write out.jsonl: ${words}`);
      expect(error.cause).to.equal(cause);
    });
  }

  it('say what to do about a full disk', () => {
    const error = describeFileError(systemError('ENOSPC'), 'write', 'x') as InstructorError;
    expect(error.hint).to.contain('Free some space');
  });

  for (const other of [
    systemError('ECONNRESET'),
    new Error('x'),
    undefined,
    null,
    'text',
    new InstructorError('input', 'y'),
  ]) {
    it(`leave anything else as it is: ${String(other)}`, () => {
      expect(describeFileError(other, 'read', 'x')).to.equal(other);
    });
  }
});
