import type { ColumnChunk } from 'hyparquet';
import type { RandomAccessFile } from './parquet-file.js';

/** A page of values, and the row of its group that it begins with. */
export interface PageLocation {
  offset: bigint;
  compressed_page_size: number;
  first_row_index: bigint;
}

const FIRST_TRY = 4 * 1024;
const LARGEST_HEADER = 16 * 1024 * 1024;
/** Numbers of the format. */
const [DATA_PAGE, DATA_PAGE_V2] = [0, 3];

/**
 * Finds the pages of a column of a row group, so that some rows of a large group can be read without the others: in
 * the index, or else by going from header to header. Undefined where that does not tell which rows they hold.
 */
export async function pagesOf(
  file: RandomAccessFile,
  chunk: ColumnChunk,
  repeated: boolean,
): Promise<PageLocation[] | undefined> {
  const { offset_index_offset: start, offset_index_length: length } = chunk;
  if (!start || !length) return await scannedPages(file, chunk, repeated);
  const { readOffsetIndex } = await import('hyparquet');
  const bytes = await file.slice(Number(start), Number(start) + length);
  return readOffsetIndex({ view: new DataView(bytes), offset: 0 }).page_locations;
}

async function scannedPages(
  file: RandomAccessFile,
  { meta_data: column }: ColumnChunk,
  repeated: boolean,
): Promise<PageLocation[] | undefined> {
  if (!column) return undefined;
  const pages: PageLocation[] = [];
  let rows = 0;
  let at = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = at + Number(column.total_compressed_size);
  while (at < end) {
    const { type, rowCount, bytes } = await pageAt(file, at, end);
    if (type === DATA_PAGE || type === DATA_PAGE_V2) {
      // Old pages of lists count values, not rows.
      if (repeated && type === DATA_PAGE) return undefined;
      pages.push({ offset: BigInt(at), compressed_page_size: bytes, first_row_index: BigInt(rows) });
      rows += rowCount;
    }
    at += bytes;
  }
  return pages;
}

/** What the header of a page says; `bytes` is the size of both. */
async function pageAt(
  file: RandomAccessFile,
  at: number,
  end: number,
): Promise<{ type: number; rowCount: number; bytes: number }> {
  const { deserializeTCompactProtocol } = await import('hyparquet/src/thrift.js');
  for (let size = FIRST_TRY; ; size *= 8) {
    const reader = { view: new DataView(await file.slice(at, Math.min(at + size, end))), offset: 0 };
    try {
      const header = deserializeTCompactProtocol(reader) as Record<string, unknown>;
      const old = header['field_5'] as { field_1: number } | undefined;
      const recent = header['field_8'] as { field_3: number } | undefined;
      return {
        type: header['field_1'] as number,
        rowCount: recent?.field_3 ?? old?.field_1 ?? 0,
        bytes: reader.offset + (header['field_3'] as number),
      };
    } catch (error) {
      // It may hold statistics of any length.
      if (at + size >= end || size >= LARGEST_HEADER) throw error;
    }
  }
}
