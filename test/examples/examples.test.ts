import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { BIN, cleanEnv, ROOT, runInstructor, temporaryFolder } from '../support/run-instructor.js';

describe('what the documents show', () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  for (const model of ['openai/gpt-4o-mini', 'anthropic/claude-haiku-4-5']) {
    it(`the program in examples/library works with ${model}`, async () => {
      const program = join(ROOT, 'examples/library/classify.ts');
      const result = await runInstructor(
        ['sandbox', 'exec', '--speed', '20', '--', process.execPath, '--import', 'tsx', program, model],
        { cwd: ROOT, env: { HOME: folder } },
      );
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.match(/^email-0 (NOT_)?SPAM\nemail-1 (NOT_)?SPAM\n$/);
    });
  }

  it('the first job of README.md works as it stands there, pasted into a shell', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const job = /```sh\n(npx instructor sandbox exec[\s\S]+?)```/.exec(readme)?.[1] ?? '';
    expect(job.trim().split('\n')).to.have.length(5);
    // A copy of the clone's surface, so that the files which the job writes land elsewhere; npx is what it would find.
    await mkdir(join(folder, 'bin'));
    await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
    const lines = job.replaceAll('npx instructor', `'${process.execPath}' '${BIN}'`);

    const shell = spawn('bash', [], { cwd: folder, env: cleanEnv(folder) });
    let stdout = '';
    let stderr = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    shell.stdin.end(lines);
    await once(shell, 'close');

    const rows = stdout.split('\n').filter((line) => line.startsWith('{"custom_id"'));
    expect(rows, stderr).to.have.length(3);
    for (const row of rows) expect(JSON.parse(row)).to.include({ outcome: 'succeeded', success: true });
    await rm(join(folder, 'examples'));
  });
});
