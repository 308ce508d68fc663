import { InstructorError } from '../failure/instructor-error.js';
import { csvColumns, csvValues } from './csv-columns.js';
import { csvDialect } from './csv-dialect.js';
import { csvRecords, type CsvRecord } from './csv-records.js';
import { plainBytes } from './plain-bytes.js';
import type { OpenTableOptions, Table, TableRow } from './table.js';
import { asUtf8 } from './text-encoding.js';

/** As much of the file tells how it is written. */
const HEAD_BYTES = 64 * 1024;

/** CSV and its kin, whose first record names the columns. */
export async function openCsv(
  path: string,
  name: string,
  format: 'csv' | 'tsv',
  { signal, delimiter, encoding }: OpenTableOptions,
): Promise<Table> {
  const text = asUtf8(plainBytes(path, { signal, name, own: true }), name, encoding);
  const head = await headOf(text);
  const dialect = csvDialect(
    Buffer.concat(head).toString('utf8'),
    delimiter ?? (format === 'tsv' ? '\t' : undefined),
  );
  const blocks = csvRecords(whole(head, text), dialect, name);
  try {
    const { value: first } = (await blocks.next()) as IteratorResult<CsvRecord[], undefined>;
    const header = first?.[0];
    if (!header) throw empty(name);
    const { names, notes } = csvColumns(header.cells, name);
    const rows = (): AsyncGenerator<TableRow[]> => rowsOf(first.slice(1), blocks, names);
    return { format, columns: names, untyped: true, notes, rows };
  } catch (error) {
    await blocks.return(undefined);
    throw error;
  }
}

async function* rowsOf(
  first: CsvRecord[],
  blocks: AsyncGenerator<CsvRecord[]>,
  names: readonly string[],
): AsyncGenerator<TableRow[]> {
  let row = 0;
  const rows = (records: CsvRecord[]): TableRow[] =>
    records.map(({ line, cells }) => ({ row: (row += 1), line, ...csvValues(cells, names) }));
  try {
    if (first.length > 0) yield rows(first);
    for await (const records of blocks) yield rows(records);
  } finally {
    await blocks.return(undefined);
  }
}

async function headOf(text: AsyncGenerator<Buffer>): Promise<Buffer[]> {
  const head: Buffer[] = [];
  for (let bytes = 0; bytes < HEAD_BYTES; bytes += head.at(-1)?.byteLength ?? 0) {
    const next = await text.next();
    if (next.done) break;
    head.push(next.value);
  }
  return head;
}

async function* whole(head: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function empty(name: string): InstructorError {
  return new InstructorError('input', `${name} is empty: there is no header that names the columns`, {
    hint: 'The first line has to name the columns',
  });
}
