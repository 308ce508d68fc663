import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openOutput, requireFreeName } from '../../src/rows/output-file.js';
import { failureOf } from '../support/failure-of.js';
import { ROOT, temporaryFolder } from '../support/run-instructor.js';

describe('an output file', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let path: string;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'out.jsonl');
  });
  afterEach(() => remove());

  it('has its name only after the commit, and leaves nothing else behind', async () => {
    const output = await openOutput(path);
    await output.write('ä\n');
    await output.writeBytes(Buffer.from('bytes\n'));
    expect(await readdir(folder))
      .to.have.length(1)
      .and.not.include('out.jsonl');

    await output.commit();
    await output.discard();

    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
    expect(await readFile(path, 'utf8')).to.equal('ä\nbytes\n');
  });

  it('is gone without a trace when it is thrown away', async () => {
    const output = await openOutput(path);
    await output.write('x'.repeat(1_000_000));
    await output.discard();
    await output.discard();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('keeps the order of texts and bytes over many small and large writes', async () => {
    const output = await openOutput(path);
    let expected = '';
    for (let number = 0; number < 2000; number += 1) {
      const text = `${number} ${'é'.repeat(number % 700)}\n`;
      expected += text;
      if (number % 97 === 0) await output.writeBytes(Buffer.from(text));
      else {
        const full = output.write(text);
        if (full) await full;
      }
    }
    await output.commit();
    expect((await readFile(path, 'utf8')) === expected).to.equal(true);
  });

  it('does not replace a file that is there', async () => {
    await writeFile(path, 'old');
    const failure = await failureOf(() => openOutput(path));
    expect(failure.kind).to.equal('usage');
    expect(failure.message).to.equal(`${path} exists already`);
    expect(failure.hint).to.contain('--force');
    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
  });

  it('does not replace a file that appears while it is being written', async () => {
    const output = await openOutput(path);
    await output.write('new');
    await writeFile(path, 'old');
    expect((await failureOf(() => output.commit())).message).to.contain('exists already');
    expect(await readFile(path, 'utf8')).to.equal('old');
    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
  });

  it('does not write through a link that leads nowhere', async () => {
    await symlink(join(folder, 'nowhere'), path);
    const output = await openOutput(path);
    expect((await failureOf(() => output.commit())).message).to.contain('exists already');
    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
  });

  it('replaces the file behind a link, and keeps its permissions', async () => {
    const path = join(folder, 'behind.jsonl');
    const shortcut = join(folder, 'shortcut.jsonl');
    await writeFile(path, 'old', { mode: 0o640 });
    await symlink(path, shortcut);

    const output = await openOutput(shortcut, { force: true });
    await output.write('new');
    await output.commit();

    expect(await readFile(path, 'utf8')).to.equal('new');
    expect((await stat(path)).mode & 0o777).to.equal(0o640);
  });

  it('replaces a file by force, at the end and not before', async () => {
    await writeFile(path, 'old');
    const output = await openOutput(path, { force: true });
    await output.write('new');
    expect(await readFile(path, 'utf8')).to.equal('old');
    await output.commit();
    expect(await readFile(path, 'utf8')).to.equal('new');
    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
  });

  for (const force of [false, true]) {
    it(`is never a folder${force ? ', by force neither' : ''}`, async () => {
      await mkdir(path);
      const failure = await failureOf(() => openOutput(path, { force }));
      expect(failure.message).to.equal(`Cannot write ${path}: it is a folder, not a file`);
    });
  }

  it('says that the folder for it does not exist', async () => {
    const nowhere = join(folder, 'no', 'out.jsonl');
    const failure = await failureOf(() => openOutput(nowhere));
    expect(failure.kind).to.equal('usage');
    expect(failure.message).to.equal(`Cannot write ${nowhere}: there is no such file or folder`);
  });

  it('says that a part of its path is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    const failure = await failureOf(() => requireFreeName(join(folder, 'file', 'out.jsonl')));
    expect(failure.message).to.contain('a part of the path is not a folder');
  });

  it('says that it may not be written', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) this.skip();
    await chmod(folder, 0o500);
    const failure = await failureOf(() => openOutput(path));
    expect(failure.message).to.equal(`Cannot write ${path}: permission denied`);
  });

  it('says that the name is too long', async function () {
    if (process.platform === 'win32') this.skip();
    const failure = await failureOf(() => openOutput(join(folder, 'x'.repeat(400))));
    expect(failure.message).to.contain('the name is too long');
  });

  it('may be a device, which stays one', async function () {
    if (!existsSync('/dev/null')) this.skip();
    for (const force of [false, true]) {
      const output = await openOutput('/dev/null', { force });
      await output.write('x');
      await output.commit();
      await output.discard();
    }
    expect((await stat('/dev/null')).isCharacterDevice()).to.equal(true);
  });

  it('says that the disk is full', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const output = await openOutput('/dev/full');
    await output.write('x');
    const failure = await failureOf(() => output.commit());
    await output.discard();
    expect(failure.kind).to.equal('failed');
    expect(failure.message).to.equal('Cannot write /dev/full: the disk is full');
    expect((await stat('/dev/full')).isCharacterDevice()).to.equal(true);
  });

  it('may be standard output, which gets every byte in order', () => {
    const program = `
      const { openOutput } = await import('./src/rows/output-file.ts');
      const output = await openOutput('-');
      for (let number = 0; number < 3000; number += 1) {
        const full = output.write(number + ' ' + 'ä'.repeat(500) + '\\n');
        if (full) await full;
      }
      await output.writeBytes(Buffer.from('end'));
      await output.commit();
      await output.discard();
    `;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    const expected = Array.from({ length: 3000 }, (_, number) => `${number} ${'ä'.repeat(500)}\n`).join('');
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    expect(stdout === `${expected}end`).to.equal(true);
  });
});
