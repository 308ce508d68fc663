export const TABLE_FORMATS = ['jsonl', 'json', 'csv', 'tsv', 'parquet'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** One row of a table, or why it could not be read, with its text or its cells as they are. */
export type TableRow = {
  /** Its place among the rows of data, counted from 1. Rows that cannot be read count too. */
  row: number;
  /** Where it begins in the file, counted from 1; formats that are no text have no lines. */
  line?: number;
} & ({ values: Record<string, unknown> } | { unreadable: string; source: string | readonly string[] });

/** A file of rows that have columns. Rows can be read once; open the file again to read them again. */
export interface Table {
  format: TableFormat;
  /** In their order, where the file says them before the first row. */
  columns?: string[];
  /** Cells are texts, whatever they mean. */
  untyped: boolean;
  /** What the user should know, such as columns that had no name. */
  notes: string[];
  rows(): AsyncGenerator<TableRow[]>;
}

export interface OpenTableOptions {
  /** Else the ending of the name tells. */
  format?: TableFormat;
  /** Of CSV; else the file tells. */
  delimiter?: string;
  /** Of CSV and TSV, such as `windows-1252`; else UTF-8, or UTF-16 with a byte order mark. */
  encoding?: string;
  /** Only these columns are needed; a format that can leaves the others alone. */
  only?: readonly string[];
  /** Of JSON: numbers that would be rounded come as `ExactNumber`, to be written as they were; else as texts. */
  exactNumbers?: boolean;
  signal?: AbortSignal;
}
