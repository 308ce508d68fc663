/** A row that was left out, with its place in the file that it came from, what was wrong, and what it was. */
export interface SkippedRow {
  /** Absent where the file has no lines. */
  line?: number;
  /** Its place among the rows, from which its id follows where no column has one. */
  row?: number;
  code: string;
  problem: string;
  source: unknown;
}

const KEYS = new Set(['line', 'row', 'code', 'problem', 'source']);

/** Whether a file is one that `--skip-bad-rows` wrote, and whose rows lie inside of what is said about them. */
export function holdsSkippedRows(path: string): boolean {
  return /\.skipped\.jsonl$/i.test(path);
}

/** A row of such a file, or undefined for one that somebody put there without the words around it. */
export function skippedRow(value: unknown): SkippedRow | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'source')) return undefined;
  const { code, problem, row } = value as Partial<SkippedRow>;
  if (typeof code !== 'string' || typeof problem !== 'string') return undefined;
  if (row !== undefined && !(Number.isSafeInteger(row) && row > 0)) return undefined;
  return Object.keys(value).every((key) => KEYS.has(key)) ? (value as SkippedRow) : undefined;
}
