import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class CommandNotStarted extends Error {
  constructor(
    message: string,
    /** What a shell would exit with: 127 not found, 126 found but not to be run. */
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Runs a command in this terminal and gives its exit code; 128 plus the signal if one ended it. */
export function runChild(command: string, words: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: 'inherit', env: environment });
    const forward = (signal: NodeJS.Signals): void => {
      // Ctrl-C reaches every process in the terminal: passed on, it would arrive twice, and many programs take the
      // second one as "stop at once".
      if (signal === 'SIGINT' && hasTerminal()) return;
      child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    const stopForwarding = (): void => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      stopForwarding();
      reject(
        error.code === 'ENOENT'
          ? new CommandNotStarted(`Command not found: ${command}`, 127)
          : new CommandNotStarted(`Cannot run ${command}: ${error.message}`, 126),
      );
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function hasTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
