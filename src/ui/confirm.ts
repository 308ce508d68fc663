import { createInterface } from 'node:readline/promises';
import { InstructorError } from '../failure/instructor-error.js';

/** Asks before something is lost. Without anyone to ask it fails, and names the flag that answers. */
export async function confirm(question: string, signal: AbortSignal, flag = '--yes'): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new InstructorError('usage', 'This cannot be undone, and there is nobody to ask', {
      hint: `Confirm it with ${flag}`,
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // In raw mode Ctrl-C is a key press; it has to end the command all the same.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new InstructorError('failed', 'Nothing was deleted');
  } finally {
    terminal.close();
  }
}
