import { InstructorError } from '../failure/instructor-error.js';
import { TABLE_FORMATS, type TableFormat } from './table.js';

const ENDINGS: Record<string, TableFormat> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
  pq: 'parquet',
};
const WORKBOOKS = new Set(['xlsx', 'xlsm', 'xls', 'ods']);

/** What the ending of a name says: `.jsonl`, `.csv.gz`. */
export function formatOf(path: string): TableFormat {
  const choice = `--input-format ${TABLE_FORMATS.join(', ')}`;
  if (path === '-') {
    throw new InstructorError('usage', 'Standard input has no name that would tell its format', {
      hint: `Say what it is with --input-format: ${TABLE_FORMATS.join(', ')}`,
    });
  }
  const [, ending = '', packed] = /\.([^./\\]+?)(\.gz)?$/i.exec(path) ?? [];
  const format = ENDINGS[ending.toLowerCase()];
  if (format && !(packed && format === 'parquet')) return format;
  if (WORKBOOKS.has(ending.toLowerCase())) throw workbook(path);
  throw new InstructorError('usage', `The name of ${path} does not tell its format`, {
    hint: `Files end in .jsonl, .json, .csv, .tsv (also with .gz) or .parquet; else say what it is with ${choice}`,
  });
}

export function workbook(name: string): InstructorError {
  return new InstructorError('usage', `${name} is a workbook of a spreadsheet program, not a text`, {
    hint: 'Save the sheet as CSV (UTF-8) and read that',
  });
}
