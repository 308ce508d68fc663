import type { Compressors, FileMetaData, RowGroup, SchemaTree } from 'hyparquet';
import { ParquetColumn } from './parquet-column.js';
import type { RandomAccessFile } from './parquet-file.js';
import { pagesOf, type PageLocation } from './parquet-pages.js';
import { columnValue, PARSERS } from './parquet-values.js';

/** Unpacked bytes that the columns of a row group hold at once, all together. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** Rows that they hold at most; those of a column with few different values take next to no bytes. */
const WINDOW_ROWS = 32 * 1024;
/** Less would unpack each page many times. */
const LEAST_WINDOW_BYTES = 1024 * 1024;

export interface ParquetFile {
  file: RandomAccessFile;
  metadata: FileMetaData;
  compressors: Compressors;
}

/** Prepares to read some columns of a row group. */
export async function columnsOf(
  parquet: ParquetFile,
  group: RowGroup,
  wanted: readonly SchemaTree[],
): Promise<ParquetColumn[]> {
  const { parquetScan } = await import('hyparquet');
  const rows = Number(group.num_rows);
  const budget = Math.max(LEAST_WINDOW_BYTES, WINDOW_BYTES / wanted.length);
  const locations: Record<string, PageLocation[]> = {};
  const windows: number[] = [];
  for (const column of wanted) windows.push(await windowRows(parquet.file, group, column, budget, locations));
  const scan = await parquetScan({
    ...parquet,
    metadata: { ...parquet.metadata, row_groups: [group], num_rows: group.num_rows },
    columns: wanted.map(({ element }) => element.name),
    parsers: PARSERS,
    // Where there are none the library reads the whole column for each window.
    ...{ pageLocationsByGroup: [locations] },
  });
  return wanted.map(
    ({ element }, index) =>
      new ParquetColumn(scan, element.name, rows, windows[index] ?? rows, columnValue(element)),
  );
}

/** How many rows of a column are unpacked at once: all, unless they are many and their pages can be told apart. */
async function windowRows(
  file: RandomAccessFile,
  group: RowGroup,
  column: SchemaTree,
  budget: number,
  locations: Record<string, PageLocation[]>,
): Promise<number> {
  const rows = Number(group.num_rows);
  const chunks = group.columns.filter(
    ({ meta_data }) => meta_data?.path_in_schema[0] === column.element.name,
  );
  const bytes = chunks.reduce(
    (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
    0,
  );
  if (bytes <= budget && rows <= WINDOW_ROWS) return rows;
  let fewestPages = Infinity;
  for (const chunk of chunks) {
    const pages = await pagesOf(file, chunk, repeats(column));
    if (!pages?.length) return rows;
    fewestPages = Math.min(fewestPages, pages.length);
    locations[chunk.meta_data?.path_in_schema.join('.') ?? ''] = pages;
  }
  const affordable = Math.min(WINDOW_ROWS, Math.floor((rows * budget) / bytes));
  // A page is unpacked as a whole in any case.
  return Math.max(1, affordable, Math.ceil(rows / fewestPages));
}

function repeats({ element, children }: SchemaTree): boolean {
  return element.repetition_type === 'REPEATED' || children.some(repeats);
}
