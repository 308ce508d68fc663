import { formatProblem, type LineProblem } from '../core/request-problems.js';
import { visible } from '../text/visible.js';
import type { Progress } from './progress.js';
import { writeErr } from './terminal.js';

/** Prints each problem of a file as it is found. What is in progress is not shown any more then. */
export function printProblems(file: string, progress: Progress): (problem: LineProblem) => void {
  let stopped = false;
  return (problem) => {
    if (!stopped) progress.stop();
    stopped = true;
    writeErr(visible(formatProblem(file, problem)));
  };
}
