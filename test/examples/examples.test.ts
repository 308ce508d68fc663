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

  /** Runs what a part of README.md shows, in a folder with the surface of the clone, and gives what it printed. */
  async function pasted(lines: string): Promise<{ stdout: string; stderr: string }> {
    // A copy, so that the files which the job writes land elsewhere; npx is what it would find.
    await mkdir(join(folder, 'bin'));
    await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
    const shell = spawn('bash', [], { cwd: folder, env: cleanEnv(folder) });
    let stdout = '';
    let stderr = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    shell.stdin.end(lines.replaceAll('npx instructor', `'${process.execPath}' '${BIN}'`));
    await once(shell, 'close');
    await rm(join(folder, 'examples'));
    return { stdout, stderr };
  }

  async function linesOfReadme(start: string): Promise<string> {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const at = readme.indexOf(`\`\`\`sh\n${start}`);
    expect(at, start).to.be.greaterThan(0);
    return readme.slice(at + '```sh\n'.length, readme.indexOf('```', at + 1));
  }

  it('the first job of README.md works as it stands there, pasted into a shell', async () => {
    const job = await linesOfReadme('npx instructor sandbox exec');
    expect(job.trim().split('\n')).to.have.length(5);
    const { stdout, stderr } = await pasted(job);
    const rows = stdout.split('\n').filter((line) => line.startsWith('{"custom_id"'));
    expect(rows, stderr).to.have.length(3);
    for (const row of rows) expect(JSON.parse(row)).to.include({ outcome: 'succeeded', success: true });
  });

  it('the way from a spreadsheet to records in README.md works likewise', async () => {
    const job = await linesOfReadme('npx instructor batch create --input');
    const { stdout, stderr } = await pasted(`npx instructor sandbox exec -- bash\n${job}`);
    expect(stdout, stderr).to.match(/^user: Read this support ticket from Ada/m);
    expect(stdout).to.contain(
      'ticket,received,customer,text,custom_id,outcome,success,kind,urgency,summary,customer.mood,customer.wants_call,',
    );
    for (const id of ['T-1001', 'T-1006']) expect(stdout).to.match(new RegExp(`^${id},2026-10-`, 'm'));
    expect(stderr).to.match(/^6 rows: 6 succeeded$/m);
  });
});
