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

const KEPT = 20;

export interface ProblemListOptions {
  /** Told of each problem as it is found, however many there are. The error at the end then does not repeat them. */
  onProblem?: (problem: LineProblem) => void;
  /** What places in the file are called: formats that are no text have no lines. */
  places?: 'line' | 'row';
  /** How many are kept, for a file can be wrong in every line; the others are only counted. Defaults to 20. */
  keep?: number;
  /** How all can be seen if there are more than that. */
  seeAll?: string;
}

/** Collects problems: it counts all and keeps the first ones. */
export class ProblemList {
  readonly shown: LineProblem[] = [];
  total = 0;

  constructor(private readonly options: ProblemListOptions = {}) {}

  private get kept(): number {
    return this.options.keep ?? KEPT;
  }

  /** What places in the file are called. */
  get places(): 'line' | 'row' {
    return this.options.places ?? 'line';
  }

  add(problem: LineProblem): void {
    this.total += 1;
    this.options.onProblem?.(problem);
    if (this.shown.length < this.kept) this.shown.push(problem);
  }

  /** The error that tells of all of them, or nothing. */
  toError(file: string, consequence: string): InstructorError | undefined {
    if (this.total === 0) return undefined;
    const told = this.options.onProblem !== undefined;
    const details = told ? [] : this.shown.map((problem) => formatProblem(file, problem, this.places));
    const more = this.total - this.shown.length;
    const seeAll = this.options.seeAll === undefined ? '' : `: ${this.options.seeAll}`;
    if (!told && more > 0) details.push(`… and ${more.toLocaleString('en')} more${seeAll}`);
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
