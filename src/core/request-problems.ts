import { InstructorError } from '../failure/instructor-error.js';

/** Something wrong with one line of a file, or with the file as a whole. */
export interface LineProblem {
  /** Counted from 1; absent if it is about the whole file. */
  line?: number;
  customId?: string;
  code: string;
  message: string;
  fix?: string;
}

const SHOWN = 20;

export interface ProblemListOptions {
  /** Told of each problem as it is found, however many there are. The error at the end then does not repeat them. */
  onProblem?: (problem: LineProblem) => void;
  /** What places in the file are called: formats that are no text have no lines. */
  places?: 'line' | 'row';
}

/** Collects problems: it counts all and keeps the first twenty, for a file can be wrong in every line. */
export class ProblemList {
  readonly shown: LineProblem[] = [];
  total = 0;

  constructor(private readonly options: ProblemListOptions = {}) {}

  /** What places in the file are called. */
  get places(): 'line' | 'row' {
    return this.options.places ?? 'line';
  }

  add(problem: LineProblem): void {
    this.total += 1;
    this.options.onProblem?.(problem);
    if (this.shown.length < SHOWN) this.shown.push(problem);
  }

  /** The error that tells of all of them, or nothing. */
  toError(file: string, consequence: string): InstructorError | undefined {
    if (this.total === 0) return undefined;
    const told = this.options.onProblem !== undefined;
    const details = told ? [] : this.shown.map((problem) => formatProblem(file, problem, this.places));
    if (!told && this.total > SHOWN) details.push(`… and ${(this.total - SHOWN).toLocaleString('en')} more`);
    const count = this.total === 1 ? 'a problem' : `${this.total.toLocaleString('en')} problems`;
    return new InstructorError('input', `${file} has ${count}; ${consequence}`, {
      details,
      problems: this.shown.map(({ customId, line, ...problem }) => ({
        ...problem,
        [this.places]: line,
        custom_id: customId,
      })),
      hint: this.shown.some(({ line }) => line !== undefined)
        ? `Mend the ${this.places}s named above and run the command again`
        : 'Give a file with one request a line, within the limits of the provider',
    });
  }
}

/** `FILE:LINE (ID): what is wrong; what to do`. */
export function formatProblem(file: string, problem: LineProblem, places: 'line' | 'row' = 'line'): string {
  const number = places === 'line' ? `:${problem.line}` : `, row ${problem.line}`;
  const place = problem.line === undefined ? file : `${file}${number}`;
  const id = problem.customId === undefined ? '' : ` (${problem.customId})`;
  const fix = problem.fix === undefined ? '' : `; ${problem.fix}`;
  return `${place}${id}: ${problem.message}${fix}`;
}
