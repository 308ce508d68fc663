import { finished } from 'node:stream/promises';
import type { CsvError, Info, Parser } from 'csv-parse';
import { InstructorError } from '../failure/instructor-error.js';
import type { CsvDialect } from './csv-dialect.js';

/** Longest record: a quote that is never closed would take in the rest of the file. */
const LONGEST_RECORD = 64 * 1024 * 1024;

export interface CsvRecord {
  /** Where it begins. */
  line: number;
  cells: string[];
}

/** Parses UTF-8, the records of a piece at a time. Blank lines are left out. Each piece is kept for a while. */
export async function* csvRecords(
  source: AsyncIterable<Buffer>,
  { delimiter, lineEnds, skip }: CsvDialect,
  name: string,
): AsyncGenerator<CsvRecord[]> {
  const { parse } = await import('csv-parse');
  const lines = new RecordLines(lineEnds[0] === '\r' ? '\r' : '\n');
  let records: CsvRecord[] = [];
  let toSkip = skip;
  const parser = parse({
    delimiter,
    record_delimiter: lineEnds,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  });
  // Records are taken here, at once: each alone through the stream, with a copy of the state, takes a third more time.
  const push = parser.push.bind(parser);
  parser.push = (cells: string[] | null) => {
    if (cells === null) return push(null);
    const line = lines.of(cells, parser.info);
    // A single cell that is empty was quoted; one of blanks is a blank line.
    if (toSkip > 0) toSkip -= 1;
    else if (cells.length > 1 || cells[0] === '' || cells[0]?.trim() !== '') records.push({ line, cells });
    return true;
  };
  // Failures are given to who waits for a write.
  parser.on('error', () => undefined).resume();
  try {
    for await (const piece of source) {
      await write(parser, piece);
      if (records.length > 0) yield records;
      records = [];
    }
    await finished(parser.end());
    if (records.length > 0) yield records;
  } catch (error) {
    throw describe(error, name, () => lines.ofUnfinished(parser));
  } finally {
    parser.destroy();
  }
}

async function write(parser: Parser, piece: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    parser.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Where records begin. The parser counts line ends too, but those of `\r\n` in quotes twice; its count only tells
 * when there is something to look for.
 */
class RecordLines {
  private next = 1;
  private expected = 1;
  private blank = 0;

  constructor(private readonly lineEnd: string) {}

  of(cells: readonly string[], info: Info): number {
    const blank = info.empty_lines - this.blank;
    const line = this.next + blank;
    const several = info.lines !== this.expected + blank;
    this.next = line + 1 + (several ? this.within(cells) : 0);
    this.expected = info.lines + 1;
    this.blank = info.empty_lines;
    return line;
  }

  /** Where the cell begins that the end, or the limit, found open. */
  ofUnfinished(parser: Parser): number {
    const { info, state } = parser as unknown as { info: Info; state: { record: string[] } };
    return this.next + info.empty_lines - this.blank + this.within(state.record);
  }

  private within(cells: readonly string[]): number {
    return cells.reduce((sum, cell) => sum + cell.split(this.lineEnd).length - 1, 0);
  }
}

function describe(error: unknown, name: string, line: () => number): unknown {
  const { code } = error as CsvError;
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return new InstructorError('input', `${name}, line ${line()}: a quote opens a cell and is never closed`, {
      hint: 'Close it, or write quotes inside of a quoted cell twice',
      cause: error,
    });
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return new InstructorError(
      'input',
      `${name}, line ${line()}: a row of more than ${LONGEST_RECORD / 1024 / 1024} MB`,
      { hint: 'Is a quote there never closed?', cause: error },
    );
  }
  return error;
}
