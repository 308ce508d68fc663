import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { until } from '../support/batches.js';
import { InputCreator } from '../support/create-input.js';
import { expectFailure } from '../support/expect-failure.js';
import { runInShell } from '../support/shell.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { startWorld, type World } from '../support/world.js';

const CSV = 'text\nhello\nworld\n';
const FLAGS = ['--prompt', '{{ text }}', '--preview', '1'];

describe('batch create --input: pipes', () => {
  let world: World;
  let create: InputCreator;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    world = await startWorld();
    create = new InputCreator(world);
    await world.write('rows.csv', CSV);
    await world.write('prompt.md', 'Say {{ text }}');
    execFileSync('mkfifo', [join(world.folder, 'pipe'), join(world.folder, 'pipe.csv')]);
  });
  after(() => world?.close());

  it('from standard input has to say its format, and is not taken for JSON Lines', async () => {
    const [silent, told] = await Promise.all([
      create.run('-', FLAGS, { input: CSV }),
      create.run('-', [...FLAGS, '--input-format', 'csv'], { input: CSV }),
    ]);
    expectFailure(silent, { code: 2, says: /Standard input has no name/, advises: /--input-format/ });
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout).to.match(/^row-1 {2}standard input:2\nuser: hello$/m);
  });

  it('of a name, or of a shell, is read like standard input', async () => {
    const create = ['batch', 'create', ...FLAGS];
    const csv = ['--input-format', 'csv'];
    const results = await Promise.all([
      runInShell('cat rows.csv > pipe & "$@"', [...create, '--input', 'pipe', ...csv], world),
      runInShell(
        'cat rows.csv > pipe.csv & "$@"',
        [...create, '--input', 'pipe.csv', '--sample', '1'],
        world,
      ),
      runInShell('exec 9< rows.csv; "$@"', [...create, '--input', '/dev/fd/9', ...csv], world),
      runInShell('cat rows.csv | "$@"', [...create, '--input', '/dev/stdin', ...csv], world),
      runInShell('cat prompt.md | "$@" --prompt /dev/stdin', ['batch', 'create', '--input', 'rows.csv', '--preview', '1'], world), // prettier-ignore
    ]);
    for (const { code, stdout, stderr } of results) {
      expect(code, stderr).to.equal(0);
      expect(stdout).to.match(/^user: (Say )?(hello|world)$/m);
    }
  });

  it('without a format and a name that tells it is refused before anything is read', async () => {
    expectFailure(await create.run('pipe', FLAGS), { code: 2, says: /pipe does not tell its format/ });
  });

  /** Runs with a pipe of its own, and sends Ctrl-C once the program waits for it. */
  const interrupted = async (
    isWaiting: (pipe: string, folder: string) => boolean | Promise<boolean>,
    argsFor: (pipe: string) => string[],
  ): Promise<void> => {
    const { path: folder, remove } = await temporaryFolder();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    try {
      const result = await world.run(argsFor(pipe), {
        cwd: folder,
        env: { TMPDIR: folder },
        onStart: (child) =>
          void until(() => isWaiting(pipe, folder))
            .then(() => setTimeout(100))
            .then(() => child.kill('SIGINT')),
      });
      expectFailure(result, { code: 130, says: /Interrupted/ });
      expect(await readdir(folder)).to.deep.equal(['pipe']);
    } finally {
      await remove();
    }
  };

  it('that nobody opens for writing can be interrupted', async () => {
    const wroteSomething = async (_: string, folder: string): Promise<boolean> =>
      (await readdir(folder)).length > 1;
    await Promise.all([
      interrupted(wroteSomething, (pipe) => ['batch', 'create', ...FLAGS, '--input', pipe, '--input-format', 'csv']), // prettier-ignore
      interrupted(wroteSomething, (pipe) => ['batch', 'create', '--messages-file', pipe]),
      interrupted(wroteSomething, (pipe) => ['batch', 'validate', pipe, '--provider', 'openai']),
    ]);
  });

  it('that is open but stays empty can be interrupted', async () => {
    const ends: number[] = [];
    /** Opens the other end as soon as the program has its own, and keeps it open. */
    const isRead = (pipe: string): boolean => {
      try {
        return ends.push(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)) > 0;
      } catch {
        return false;
      }
    };
    const input = join(world.folder, 'rows.csv');
    try {
      await Promise.all([
        interrupted(isRead, (pipe) => ['batch', 'create', ...FLAGS, '--input', pipe, '--input-format', 'csv']), // prettier-ignore
        interrupted(isRead, (pipe) => ['batch', 'create', '--messages-file', pipe]),
        interrupted(isRead, (pipe) => ['batch', 'create', '--input', input, '--preview', '1', '--prompt', pipe]), // prettier-ignore
        interrupted(isRead, (pipe) => ['batch', 'stats', pipe, '--provider', 'openai']),
      ]);
    } finally {
      for (const end of ends) closeSync(end);
    }
  });

  it('as an image is a problem of its row', async () => {
    await world.write('images.csv', 'text,image\na,pipe\nb,/dev/zero\nc,.\n');
    const result = await create.run('images.csv', ['--prompt', '{{ text }}', '--image-column', 'image']);
    expectFailure(result, { code: 1, says: /images\.csv has 3 problems/ });
    expect(result.stderr).to.match(/images\.csv:2: pipe is no regular file/);
    expect(result.stderr).to.match(/images\.csv:3: \/dev\/zero is no regular file/);
    expect(result.stderr).to.match(/images\.csv:4: .*it is a folder/);
  });
});
