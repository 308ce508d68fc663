import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, cleanEnv } from './run-instructor.js';

export interface TerminalResult {
  code: number | string;
  /** All that reached the terminal, standard output and standard error together. */
  output: string;
}

export interface TerminalOptions {
  cwd: string;
  env: Record<string, string | undefined>;
  /** Presses Ctrl-C as soon as the terminal has shown this. */
  interruptAfter?: RegExp;
  /** Types this as soon as the terminal has shown that. */
  answer?: { to: RegExp; type: string };
  columns?: number;
  timeoutMs?: number;
}

let available: boolean | undefined;

/** Whether `script` of util-linux is there, which lends a program a terminal. */
export function hasTerminal(): boolean {
  available ??= spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
  return available;
}

/** Runs the program in a terminal of its own. */
export async function runInTerminal(
  args: readonly string[],
  options: TerminalOptions,
): Promise<TerminalResult> {
  const home = await mkdtemp(join(tmpdir(), 'instructor-home-'));
  const { columns = 120 } = options;
  const command = `stty rows 40 cols ${columns}; exec ${[process.execPath, BIN, ...args].map(quoted).join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: options.cwd,
    env: cleanEnv(home, { TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }),
  });
  let output = '';
  let interrupted = false;
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (!answered && options.answer?.to.test(output)) {
      answered = true;
      child.stdin.write(options.answer.type);
    }
    if (interrupted || !options.interruptAfter?.test(output)) return;
    interrupted = true;
    child.stdin.write('\u0003');
  });
  child.stdin.on('error', () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 20_000);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', output }));
    });
  } finally {
    clearTimeout(timer);
    await rm(home, { recursive: true, force: true });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
