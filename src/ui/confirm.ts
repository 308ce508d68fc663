import { createInterface } from 'node:readline/promises';
import { InstructorError } from '../failure/instructor-error.js';

/** Asks before something is lost. Without anyone to ask it fails, and names the flag that answers. */
export async function confirm(question: string, signal: AbortSignal, flag = '--yes'): Promise<void> {
  const agreed = await isAgreed(question, signal, {
    nobody: 'This cannot be undone, and there is nobody to ask',
    hint: `Confirm it with ${flag}`,
  });
  if (!agreed) throw new InstructorError('failed', 'Nothing was deleted');
}

export interface Question {
  /** What is said where there is nobody to ask, and what to do then. */
  nobody: string;
  hint: string;
  /** What Return means. */
  byDefault?: boolean;
}

/** Asks a question that is answered with yes or no. */
export async function isAgreed(
  question: string,
  signal: AbortSignal,
  { nobody, hint, byDefault = false }: Question,
): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new InstructorError('usage', nobody, { hint });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // In raw mode Ctrl-C is a key press; it has to end the command all the same.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const answer = await terminal.question(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `, { signal });
    return answer.trim() === '' ? byDefault : /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
