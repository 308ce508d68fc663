import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors, FileMetaData } from 'hyparquet';

/** What the reader brings along, and what Node does. */
const AT_HAND: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
};
const LIBRARY = ['ZSTD', 'LZ4', 'LZ4_RAW'] as const;

/** What unpacks the pages of a file; the library is loaded only for those that need it. */
export async function codecsFor(metadata: FileMetaData): Promise<Compressors> {
  const used = new Set(
    metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec)),
  );
  if (!LIBRARY.some((codec) => used.has(codec))) return AT_HAND;
  const { compressors } = await import('hyparquet-compressors');
  return { ...AT_HAND, ...Object.fromEntries(LIBRARY.map((codec) => [codec, compressors[codec]])) };
}
