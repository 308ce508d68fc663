import type { FileMetaData, SchemaTree } from 'hyparquet';
import { InstructorError } from '../failure/instructor-error.js';
import { codecsFor } from './parquet-codecs.js';
import { openRandomAccess, type RandomAccessFile } from './parquet-file.js';
import { columnsOf, type ParquetFile } from './parquet-group.js';
import { PARSERS } from './parquet-values.js';
import { rowValues } from './row-values.js';
import type { OpenTableOptions, Table, TableRow } from './table.js';

/** Rows that are given at once, fewer if they are large. */
const BLOCK_ROWS = 1000;
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Parquet, of which only the columns that are needed are read, and of a large row group only some pages at a time. */
export async function openParquetTable(
  path: string,
  name: string,
  { only, signal }: OpenTableOptions,
): Promise<Table> {
  const file = await openRandomAccess(path, signal);
  try {
    const { parquetSchema } = await import('hyparquet');
    const metadata = await metadataOf(file, name);
    const parquet = { file, metadata, compressors: await codecsFor(metadata) };
    const { children } = parquetSchema(metadata);
    const wanted = only ? children.filter(({ element }) => only.includes(element.name)) : children;
    return {
      format: 'parquet',
      columns: children.map(({ element }) => element.name),
      untyped: false,
      notes: [],
      rows: () => rowsOf(parquet, wanted, name, signal),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* rowsOf(
  parquet: ParquetFile,
  wanted: readonly SchemaTree[],
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<TableRow[]> {
  const names = wanted.map(({ element }) => element.name);
  let row = 0;
  try {
    for (const group of parquet.metadata.row_groups) {
      const columns = await columnsOf(parquet, group, wanted);
      const rows = Number(group.num_rows);
      const block = blockRows(rows, Number(group.total_byte_size));
      for (let left = rows; left > 0; left -= block) {
        signal?.throwIfAborted();
        const count = Math.min(block, left);
        const values: unknown[][] = [];
        for (const column of columns) values.push(await column.take(count));
        yield Array.from({ length: count }, (_, index) => ({
          row: (row += 1),
          values: rowValues(
            names,
            values.map((cells) => cells[index]),
          ),
        }));
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(name, error);
  } finally {
    await parquet.file.close();
  }
}

function blockRows(rows: number, bytes: number): number {
  return Math.max(1, Math.min(BLOCK_ROWS, Math.floor((BLOCK_BYTES * rows) / Math.max(1, bytes))));
}

async function metadataOf(file: RandomAccessFile, name: string): Promise<FileMetaData> {
  const magic = Buffer.from(await file.slice(0, 4)).toString('latin1');
  if (magic === 'PARE') {
    throw new InstructorError('input', `${name} is encrypted`, { hint: 'Decrypt it and read the copy' });
  }
  if (magic !== 'PAR1') throw new InstructorError('input', `${name} is not a Parquet file`);
  const { parquetMetadataAsync } = await import('hyparquet');
  const end = Buffer.from(await file.slice(Math.max(4, file.byteLength - 4))).toString('latin1');
  if (end !== 'PAR1') {
    throw new InstructorError('input', `${name} is not complete: its end is missing`, {
      hint: 'Copy or download it again',
    });
  }
  return await parquetMetadataAsync(file, { parsers: PARSERS, geoparquet: false }).catch((error: unknown) => {
    throw unreadable(name, error);
  });
}

/** The library's errors are about the format; ours say what happened already. */
function unreadable(name: string, error: unknown): unknown {
  if (error instanceof InstructorError) return error;
  return new InstructorError('input', `${name} cannot be read as Parquet: ${(error as Error).message}`, {
    hint: 'Is it damaged, or written with a feature that is not supported?',
    cause: error,
  });
}
