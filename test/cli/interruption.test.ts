import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { interruptible } from '../../src/cli/interruption.js';
import { ROOT } from '../support/run-instructor.js';

/** Runs a program that has an `interruption`, and gives what it printed and how it ended. */
async function runInterruptible(
  program: string,
  onLine: (line: string, child: ReturnType<typeof spawn>) => void,
): Promise<{ lines: string[]; end: number | string | null }> {
  const setup = `
    const { interruptible } = await import('./src/cli/interruption.ts');
    const interruption = interruptible();
    const say = (text) => process.stderr.write(text + '\\n');
    const work = setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', setup + program], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((part) => part !== '')) {
      lines.push(line);
      onLine(line, child);
    }
  });
  const end = await new Promise<number | string | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  return { lines, end };
}

describe('an interruption', () => {
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`by ${name} lets the work end itself and clean up, for exit code ${code}`, async function () {
      if (process.platform === 'win32') this.skip();
      const program = `
        interruption.signal.addEventListener('abort', () => {
          say(interruption.signal.reason.name);
          clearInterval(work);
          process.exitCode = interruption.exitCode;
        });
        say('ready');
      `;
      const { lines, end } = await runInterruptible(program, (line, child) => {
        if (line === 'ready') child.kill(name);
      });
      expect(lines).to.deep.equal(['ready', 'AbortError']);
      expect(end).to.equal(code);
    });
  }

  it('that comes a second time ends everything at once', async function () {
    if (process.platform === 'win32') this.skip();
    const program = `interruption.signal.addEventListener('abort', () => say('asked')); say('ready');`;
    const { lines, end } = await runInterruptible(program, (_line, child) => child.kill('SIGINT'));
    expect(lines).to.deep.equal(['ready', 'asked']);
    expect(end).to.equal(130);
  });

  it('is also that nobody reads the output any more', async function () {
    if (process.platform === 'win32') this.skip();
    const program = `
      interruption.signal.addEventListener('abort', () => {
        say('closed ' + interruption.closedPipe + ' ' + interruption.exitCode);
        clearInterval(work);
        clearInterval(writing);
      });
      const writing = setInterval(() => process.stdout.write('more\\n'), 5);
      say('ready');
    `;
    const { lines, end } = await runInterruptible(program, (line, child) => {
      if (line === 'ready') child.stdout?.destroy();
    });
    expect(lines).to.deep.equal(['ready', 'closed true undefined']);
    expect(end).to.equal(0);
  });

  it('leaves no listener behind when the work is done', () => {
    const count = (): number[] => [
      ...['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)),
      process.stdout.listenerCount('error'),
    ];
    const before = count();
    const interruption = interruptible();
    expect(count()).not.to.deep.equal(before);
    interruption.release();
    expect(count()).to.deep.equal(before);
  });
});
