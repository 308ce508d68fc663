import { InstructorError } from '../failure/instructor-error.js';

/** How a file of CSV is written. */
export interface CsvDialect {
  delimiter: string;
  /** What ends a record; old programs for the Mac end it with a carriage return alone. */
  lineEnds: string[];
  /** Lines at the start that are no records: Excel's `sep=;`. */
  skip: number;
}

const CANDIDATES = [',', ';', '\t', '|'];
/** Records that are looked at. */
const RECORDS = 20;

/** What the start of a file tells, unless the delimiter is given. */
export function csvDialect(head: string, given?: string): CsvDialect {
  const lineEnds = head.includes('\n') ? ['\r\n', '\n'] : ['\r'];
  const excel = /^sep=(.)(?:\r\n|\n|\r|$)/.exec(head);
  const skip = excel ? 1 : 0;
  const delimiter =
    given === undefined
      ? (excel?.[1] ?? likeliestDelimiter(head.slice(excel?.[0].length ?? 0)))
      : checked(given);
  return { delimiter, lineEnds, skip };
}

function checked(given: string): string {
  if (given === '\\t' || given.toLowerCase() === 'tab') return '\t';
  if (given.length > 0 && !/["\r\n]/.test(given)) return given;
  throw new InstructorError('usage', `${JSON.stringify(given)} cannot separate cells`, {
    hint: 'Use a character such as , or ; or tab',
  });
}

/** The one that cuts most records into as many cells as the header; of equals the one that gives more cells. */
function likeliestDelimiter(text: string): string {
  const records = firstRecords(text);
  let best = { delimiter: ',', alike: 0, cells: 0 };
  for (const delimiter of CANDIDATES) {
    const counts = records.map((record) => record.get(delimiter) ?? 0);
    const [cells = 0] = counts;
    if (cells === 0) continue;
    const alike = counts.filter((count) => count === cells).length / counts.length;
    if (alike > best.alike || (alike === best.alike && cells > best.cells))
      best = { delimiter, alike, cells };
  }
  return best.delimiter;
}

/** How often each candidate stands outside of quotes, for the first records that are not blank. */
function firstRecords(text: string): Map<string, number>[] {
  const records: Map<string, number>[] = [];
  let counts = new Map<string, number>();
  let blank = true;
  let cellBegins = true;
  for (let at = 0; at < text.length && records.length < RECORDS; at += 1) {
    const character = text.charAt(at);
    if (character === '"' && cellBegins) {
      const end = closingQuote(text, at + 1);
      // The rest of a record that the head cuts says nothing.
      if (end === -1) return records.length > 0 ? records : [counts];
      at = end;
      blank = cellBegins = false;
    } else if (character === '\n' || character === '\r') {
      if (!blank) records.push(counts);
      counts = new Map();
      blank = cellBegins = true;
    } else {
      blank = false;
      cellBegins = CANDIDATES.includes(character);
      if (cellBegins) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  if (!blank && records.length < RECORDS) records.push(counts);
  return records;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text.charAt(at + 1) !== '"') return at;
  }
  return -1;
}
